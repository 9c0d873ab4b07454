"""The application (Fördervorgang): its facts, its state, and who may move it where (`states.TRANSITIONS`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.assessment import Assessment, Result
from kfi_applications.domain.calls import Arrival, Call
from kfi_applications.domain.case import Addressee, Applicant, Case, FinancePlan, Project
from kfi_applications.domain.decision import Decision, Outcome, Proposal, ReturnReason
from kfi_applications.domain.errors import DateNotPossible, FourEyesViolated, ProposalChanged, WrongState
from kfi_applications.domain.remedies import ActionEnd, FailedNotification, FinalityBasis, PaymentBlock, Remedies
from kfi_applications.domain.states import Action, State, targets


class Happening(StrEnum):
    """What others act on; each becomes one event with the next sequence number."""

    FILED = "filed"
    DECIDED = "decided"
    BECAME_FINAL = "became-final"


@dataclass(frozen=True)
class StepTaken:
    """One step of the case, for the audit: codes, ids and dates only."""

    action: Action
    source: State | None
    target: State
    reason: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Application:
    """A case from its receipt to finality; what the table of states does not allow is refused with ``WrongState``.

    ``version`` counts saves (it is the ETag), ``sequence`` the published events. ``steps`` and ``happened`` collect
    what this transaction did. Persons are persons, not accounts.
    """

    id: UUID
    file_number: str
    organisation: str
    programme: str
    call: str
    applicant: Applicant
    addressee: Addressee
    project: Project
    finance_plan: FinancePlan
    filed_on: date
    late: bool
    state: State = State.RECEIVED
    version: int = 0
    sequence: int = 0
    assessment: Assessment | None = None
    proposal: Proposal | None = None
    decision: Decision | None = None
    remedies: Remedies = field(default_factory=Remedies)
    failed_notifications: tuple[FailedNotification, ...] = ()
    steps: list[StepTaken] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)

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
            applicant, addressee, project, finance_plan, on, late,
        )  # fmt: skip
        filed.steps.append(StepTaken(Action.FILE, None, State.RECEIVED, details={"late": str(late).lower()}))
        filed.happened.append(Happening.FILED)
        return filed

    def case(self, call: Call, on: date) -> Case:
        """What the rules of its programme look at on a day."""
        return Case(call, self.applicant, self.project, self.finance_plan, self.filed_on, on)

    def open_formal_check(self) -> None:
        """A caseworker takes the case up."""
        self._move(Action.OPEN_FORMAL_CHECK, State.FORMAL_CHECK)

    def open_substance_check(self, assessment: Assessment) -> None:
        """The file is complete and is assessed; a plan that cannot be funded goes back to the applicant."""
        correction = assessment.result is Result.CORRECTION_NEEDED
        target = State.INFORMATION_REQUESTED if correction else State.SUBSTANCE_CHECK
        self._move(Action.OPEN_SUBSTANCE_CHECK, target, reason=assessment.result)
        self.assessment = assessment

    def correct_finance_plan(self, finance_plan: FinancePlan) -> None:
        """The applicant sends the corrected plan; the check begins anew. Raises PlanDoesNotAddUp."""
        finance_plan.must_add_up()
        self._move(Action.CORRECT_FINANCE_PLAN, State.FORMAL_CHECK)
        self.finance_plan = finance_plan
        self.assessment = None

    def propose(self, proposal: Proposal, assessment: Assessment) -> None:
        """The first pair of eyes, on an assessment of the same day. Raises NotAllowedByAssessment."""
        self._must_allow(Action.PROPOSE)
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
        self, by: str, *, seen_digest: str, letter_digest: str, on: date, decision_id: UUID, letter_id: UUID
    ) -> Decision:
        """The second signature turns the proposal into a decision.

        ``seen_digest`` is what the signatory read, ``letter_digest`` what would be sent now. Raises FourEyesViolated
        and ProposalChanged.
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
            decision_id, outcome, proposal.amount, proposal.years, on, by, letter_id, letter_digest
        )
        self.happened.append(Happening.DECIDED)
        return self.decision

    def record_announcement(self, announced_on: date, remedy_ends_on: date | None) -> None:
        """The decision is announced; final at once when remedies were waived before."""
        target = State.ANNOUNCED if self.remedies.waived_on is None else State.FINAL
        self._move(Action.RECORD_ANNOUNCEMENT, target, details={"announced_on": announced_on.isoformat()})
        self.remedies = replace(self.remedies, announced_on=announced_on, remedy_ends_on=remedy_ends_on)
        self.failed_notifications = tuple(f for f in self.failed_notifications if f.channel != "letter")
        if self.remedies.waived_on is not None:
            self._become_final(max(announced_on, self.remedies.waived_on), FinalityBasis.WAIVER)

    def record_failed_notification(self, failed: FailedNotification) -> None:
        """A letter or e-mail did not get out; the state stays, a person looks after it."""
        self._move(
            Action.RECORD_FAILED_NOTIFICATION, self.state, reason=failed.reason, details={"channel": failed.channel}
        )
        others = tuple(f for f in self.failed_notifications if f.channel != failed.channel)
        self.failed_notifications = (*others, failed)

    def waive_remedies(self, received_on: date, *, today: date) -> None:
        """Final on the day the waiver is received; before the announcement it waits for it."""
        self._must_allow(Action.WAIVE_REMEDIES)
        self._must_be_possible("received_on", received_on, today)
        if self.remedies.waived_on is not None:
            raise WrongState("Remedies were waived already.", fix="Wait for the announcement.")
        announced = self.remedies.announced_on
        target = self.state if announced is None else State.FINAL
        self._move(Action.WAIVE_REMEDIES, target, details={"received_on": received_on.isoformat()})
        self.remedies = replace(self.remedies, waived_on=received_on)
        if announced is not None:
            self._become_final(max(announced, received_on), FinalityBasis.WAIVER)

    def record_court_action(self, filed_on: date, *, today: date) -> None:
        """An action holds finality until it is concluded."""
        self._must_allow(Action.RECORD_COURT_ACTION)
        self._must_be_possible("filed_on", filed_on, today)
        self._move(Action.RECORD_COURT_ACTION, State.ACTION_PENDING, details={"filed_on": filed_on.isoformat()})
        self.remedies = replace(self.remedies, action_filed_on=filed_on, action_concluded_on=None)

    def conclude_court_action(self, end: ActionEnd, concluded_on: date, *, today: date) -> None:
        """Final, unless the action was withdrawn while the remedy period still runs: then the period runs on."""
        self._must_allow(Action.CONCLUDE_COURT_ACTION)
        self._must_be_possible("concluded_on", concluded_on, today, not_before=self.remedies.action_filed_on)
        runs_on = end is ActionEnd.WITHDRAWN and self.remedies.remedy_period_ended_on is None
        target = State.ANNOUNCED if runs_on else State.FINAL
        details = {"concluded_on": concluded_on.isoformat()}
        self._move(Action.CONCLUDE_COURT_ACTION, target, reason=end, details=details)
        self.remedies = replace(self.remedies, action_concluded_on=concluded_on)
        if not runs_on:
            self._become_final(concluded_on, FinalityBasis.ACTION_CONCLUDED)

    def end_remedy_period(self, ended_on: date) -> None:
        """Nobody sued: final from that day. A pending action holds it."""
        self._must_allow(Action.END_REMEDY_PERIOD)
        target = State.ACTION_PENDING if self.state is State.ACTION_PENDING else State.FINAL
        self._move(Action.END_REMEDY_PERIOD, target, details={"ended_on": ended_on.isoformat()})
        self.remedies = replace(self.remedies, remedy_period_ended_on=ended_on)
        if target is State.FINAL:
            self._become_final(ended_on, FinalityBasis.REMEDY_PERIOD_ENDED)

    def payment_block(self, on: date) -> PaymentBlock | None:
        """Why nothing may be paid on a day, or None when money may flow."""
        if self.decision is not None and self.decision.outcome is Outcome.REJECTED:
            return PaymentBlock.NOTHING_GRANTED
        if self.state is State.ACTION_PENDING:
            return PaymentBlock.ACTION_PENDING
        final_on = self.remedies.final_on
        return PaymentBlock.NOT_FINAL if final_on is None or on < final_on else None

    def _become_final(self, on: date, basis: FinalityBasis) -> None:
        self.remedies = replace(self.remedies, final_on=on, basis=basis)
        self.happened.append(Happening.BECAME_FINAL)

    def _move(
        self, action: Action, target: State, *, reason: str | None = None, details: Mapping[str, str] | None = None
    ) -> None:
        if target not in targets(action, self.state):
            raise self._wrong_state(action)
        self.steps.append(StepTaken(action, self.state, target, reason, details or {}))
        self.state = target

    def _must_allow(self, action: Action) -> None:
        if not targets(action, self.state):
            raise self._wrong_state(action)

    def _wrong_state(self, action: Action) -> WrongState:
        return WrongState(
            f"The case is in the state {self.state}; {action} is not possible there.",
            fix="Read the case again; it lists the actions that are allowed now.",
        )

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

    def _must_be_possible(self, field: str, day: date, today: date, *, not_before: date | None = None) -> None:
        first = not_before or (self.decision.decided_on if self.decision else day)
        if not first <= day <= today:
            raise DateNotPossible(
                f"The day must lie between {first} and {today}.", fix="Correct the date.", field=field
            )
