"""The application (Fördervorgang): from its receipt to the signature, and (`AfterDecision`) on to finality."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from kfi_applications.domain.after_decision import AfterDecision
from kfi_applications.domain.assessment import Assessment, Result
from kfi_applications.domain.assignment import Assigned
from kfi_applications.domain.before_decision import BeforeDecision
from kfi_applications.domain.calls import Arrival, Call
from kfi_applications.domain.case import Addressee, Applicant, Case, FinancePlan, Project
from kfi_applications.domain.case_record import Happening, StepTaken
from kfi_applications.domain.decision import Decision, Outcome, Proposal, ReturnReason
from kfi_applications.domain.errors import FourEyesViolated, ProposalChanged, WrongState
from kfi_applications.domain.information import AsksForInformation
from kfi_applications.domain.information_request import InformationRequest
from kfi_applications.domain.states import Action, State

__all__ = ["Application", "Happening", "StepTaken"]


@dataclass
class Application(AfterDecision, BeforeDecision, AsksForInformation, Assigned):
    """A case from its receipt to finality; every step is one of the table of states."""

    @classmethod
    def file(
        cls,
        application_id: UUID,
        *,
        file_number: str,
        organisation: str,
        call: Call,
        applicant: Applicant,
        addressee: Addressee,
        project: Project,
        finance_plan: FinancePlan,
        on: date,
    ) -> "Application":
        """A new case, marked when it is late. Raises CallNotAccepting and PlanDoesNotAddUp."""
        late = call.arrival(on) is Arrival.LATE
        finance_plan.must_add_up()
        filed = cls(
            application_id, file_number, organisation, call.programme, call.key,
            applicant, addressee, project, finance_plan, on, late, call.version,
        )  # fmt: skip
        filed.steps.append(StepTaken(Action.FILE, None, State.RECEIVED, details={"late": str(late).lower()}))
        filed.happened.append(Happening.FILED)
        return filed

    def case(self, call: Call, on: date) -> Case:
        """What the rules of its programme look at on a day; of an early start only the recorded permission counts."""
        permitted = self.early_start is not None and self.early_start.covers(self.project.begun_on)
        project = replace(self.project, early_start_permitted=permitted)
        return Case(call, self.applicant, project, self.finance_plan, self.filed_on, on)

    def open_formal_check(self) -> None:
        """A caseworker takes the case up."""
        self._move(Action.OPEN_FORMAL_CHECK, State.FORMAL_CHECK)

    def open_substance_check(self, assessment: Assessment, correction: InformationRequest | None = None) -> None:
        """The file is complete and is assessed; a plan that cannot be funded goes back to the applicant.

        ``correction`` is the request with which it would go back.
        """
        needs_correction = assessment.result is Result.CORRECTION_NEEDED
        target = State.INFORMATION_REQUESTED if needs_correction else State.SUBSTANCE_CHECK
        self._move(Action.OPEN_SUBSTANCE_CHECK, target, reason=assessment.result)
        self.assessment = assessment
        if needs_correction and correction is not None:
            self._ask(correction)

    def propose(self, proposal: Proposal, assessment: Assessment) -> None:
        """The first pair of eyes, on an assessment of the same day. Raises NotAllowedByAssessment.

        And AnswerStillPossible while the applicant is in time with an answer.
        """
        self._must_allow(Action.PROPOSE)
        self._must_have_waited(proposal.proposed_on)
        proposal.must_be_borne_by(assessment, self.project)
        self._move(Action.PROPOSE, State.PROPOSED, reason=proposal.outcome(self.finance_plan.requested_grant))
        self.assessment, self.proposal = assessment, proposal

    def reserve_funds(self) -> Proposal:
        """The money of the proposal is set aside in the budget title; a rejection needs none (WrongState)."""
        proposal = self._proposal(Action.RESERVE_FUNDS)
        if proposal.is_rejection:
            raise WrongState("A rejection needs no money.", fix="Go on with the second check.")
        self._move(Action.RESERVE_FUNDS, State.FUNDS_RESERVED)
        return proposal

    def open_second_check(self, by: str) -> None:
        """The second pair of eyes takes the proposal. Raises FourEyesViolated for the proposer."""
        proposal = self._proposal(Action.OPEN_SECOND_CHECK)
        if self.state is State.PROPOSED and not proposal.is_rejection:
            raise WrongState("The money of the grant is not reserved.", fix="Have it reserved first.")
        self._must_be_another_person(proposal, by)
        self._move(Action.OPEN_SECOND_CHECK, State.SECOND_CHECK)

    def return_proposal(self, by: str, reason: ReturnReason) -> Proposal:
        """The signatory gives the proposal back; whoever calls releases what was reserved for it."""
        proposal = self._proposal(Action.RETURN)
        self._must_be_another_person(proposal, by)
        self._move(Action.RETURN, State.SUBSTANCE_CHECK, reason=reason)
        self.proposal = None
        return proposal

    def sign(
        self,
        by: str,
        *,
        seen_digest: str,
        letter_digest: str,
        on: date,
        decision_id: UUID,
        letter_id: UUID,
        named: str | None = None,
    ) -> Decision:
        """The second signature turns the proposal into a decision.

        ``seen_digest`` is what the signatory read, ``letter_digest`` what would be sent now, ``named`` how the letter
        names them. Raises FourEyesViolated and ProposalChanged.
        """
        proposal = self._proposal(Action.SIGN)
        self._must_be_another_person(proposal, by)
        if seen_digest != letter_digest:
            raise ProposalChanged(
                "The letter that would be sent is not the one that was read.",
                fix="Read the letter again and sign its digest.",
                field="digest",
            )
        outcome = proposal.outcome(self.finance_plan.requested_grant)
        target = State.REJECTED if outcome is Outcome.REJECTED else State.GRANTED
        details = {"decision_id": str(decision_id), "letter_digest": letter_digest}
        self._move(Action.SIGN, target, reason=outcome, details=details)
        self.decision = Decision(
            decision_id, outcome, proposal.amount, proposal.years, on, by, letter_id, letter_digest, named
        )
        self.happened.append(Happening.DECIDED)
        return self.decision

    def _proposal(self, action: Action) -> Proposal:
        self._must_allow(action)
        if self.proposal is None:
            raise self._wrong_state(action)
        return self.proposal

    @staticmethod
    def _must_be_another_person(proposal: Proposal, by: str) -> None:
        if by == proposal.by:
            raise FourEyesViolated(
                "The person who proposed cannot check and sign; another account of the same person changes nothing.",
                fix="Have another signatory check the proposal.",
            )
