"""What is shown of a case: to staff all of it, to the applicant nothing of a decision before it is announced."""

from collections.abc import Set
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kfi_applications.api.readers import is_staff
from kfi_applications.domain.application import Application
from kfi_applications.domain.assessment import Assessment, Financing, Result
from kfi_applications.domain.case import Addressee, Applicant, FinancePlan, Project
from kfi_applications.domain.decision import Decision, Outcome, Proposal, YearAmount
from kfi_applications.domain.due_dates import WaitsFor, turn_of
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.domain.permitted import permitted
from kfi_applications.domain.remedies import FailedNotification, PaymentBlock, Remedies
from kfi_applications.domain.rules import Finding
from kfi_applications.domain.states import Action, State
from kfi_chassis.identity import Principal
from kfi_contracts.letters import LetterContent
from kfi_contracts.money import Money
from kfi_law.traces import Step

DECIDED: Final = "decided"
ROUTES: Final = {
    Action.STATE_BANK_ACCOUNT: "bank-account",
    Action.ASSIGN: "assignment",
    Action.WITHDRAW: "withdrawal",
    Action.PERMIT_EARLY_START: "early-start",
    Action.OPEN_FORMAL_CHECK: "formal-check",
    Action.OPEN_SUBSTANCE_CHECK: "substance-check",
    Action.REQUEST_INFORMATION: "information-request",
    Action.ANSWER_REQUEST: "answer",
    Action.REMIND: "reminder",
    Action.CORRECT_FINANCE_PLAN: "finance-plan",
    Action.PROPOSE: "proposal",
    Action.RESERVE_FUNDS: "reservation",
    Action.OPEN_SECOND_CHECK: "second-check",
    Action.RETURN: "return",
    Action.SIGN: "signature",
    Action.ORDER_LETTER_AGAIN: "letter-order",
    Action.WAIVE_REMEDIES: "waiver",
    Action.RECORD_COURT_ACTION: "court-action",
    Action.CONCLUDE_COURT_ACTION: "court-action-conclusion",
}
"""The last part of the address under which an action is taken."""


class View(BaseModel):
    """A part of an answer; amounts are EUR as text with two decimals."""

    model_config = ConfigDict(frozen=True)


class AssessmentView(View):
    """What the rules say about the case, with every step behind the amounts."""

    result: Result
    rule_version: str
    financing: Financing
    grant: Money
    findings: tuple[Finding, ...]
    amounts: dict[str, Money]
    trace: tuple[Step, ...]

    @classmethod
    def of(cls, assessment: Assessment) -> "AssessmentView":
        """The view of an assessment."""
        return cls(
            result=assessment.result, rule_version=assessment.version, financing=assessment.financing,
            grant=assessment.grant, findings=assessment.findings, trace=assessment.trace,
            amounts={name: figure.value for name, figure in assessment.figures.items()},
        )  # fmt: skip


class DecisionView(View):
    """The decision (Bescheid)."""

    id: UUID
    outcome: Outcome
    granted_amount: Money
    years: tuple[YearAmount, ...]
    decided_on: date
    letter_id: UUID

    @classmethod
    def of(cls, decision: Decision) -> "DecisionView":
        """The view of a decision; who signed stays in the audit."""
        return cls(**{name: getattr(decision, name) for name in cls.model_fields})


class InformationRequestView(View):
    """What was asked for, until when, and what came."""

    letter_id: UUID
    items: tuple[MissingItem, ...]
    text: str | None
    requested_on: date
    answer_by: date
    consequence: IfUnanswered
    reminded_on: tuple[date, ...]
    answered_on: date | None
    answer: str | None

    @classmethod
    def of(cls, request: InformationRequest) -> "InformationRequestView":
        """The view of a request; who asked stays in the audit."""
        return cls(**{name: getattr(request, name) for name in cls.model_fields})


class ApplicationLine(View):
    """A case in a list."""

    id: UUID
    file_number: str
    call: str
    applicant_name: str
    state: str
    filed_on: date
    late: bool
    requested_grant: Money

    @classmethod
    def of(cls, application: Application, reader: Principal) -> "ApplicationLine":
        """The line of a case for a reader."""
        return cls(
            id=application.id, file_number=application.file_number, call=application.call,
            applicant_name=application.applicant.name, state=_state(application, reader),
            filed_on=application.filed_on, late=application.late,
            requested_grant=application.finance_plan.requested_grant,
        )  # fmt: skip


class ApplicationView(View):
    """A case as its reader may see it now, with the actions open to this person."""

    id: UUID
    file_number: str
    organisation: str
    programme: str
    call: str
    call_version: int
    filed_on: date
    late: bool
    state: Annotated[str, Field(description=f"a state of docs/states-of-an-application.md, or {DECIDED!r}")]
    currency: str = "EUR"
    applicant: Applicant
    addressee: Addressee
    project: Project
    finance_plan: FinancePlan
    corrections: tuple[Finding, ...] = ()
    information_requests: tuple[InformationRequestView, ...] = ()
    assessment: AssessmentView | None = None
    proposal: Proposal | None = None
    decision: DecisionView | None = None
    remedies: Remedies
    failed_notifications: tuple[FailedNotification, ...] = ()
    early_start_from: date | None = None
    withdrawn_on: date | None = None
    assignee: str | None = None
    waits_for: WaitsFor | None = None
    due_on: date | None = None
    payment_blocked_because: PaymentBlock | None
    bank_account_on: Annotated[date | None, Field(description="the day on which the account was stated last")] = None
    erased_on: Annotated[date | None, Field(description="since then its personal data is gone")] = None
    duplicates: Annotated[
        tuple[UUID, ...], Field(description="other cases of this applicant's name and project in the call; for staff")
    ] = ()
    actions: tuple[str, ...]

    @classmethod
    def of(
        cls, application: Application, reader: Principal, today: date, represented: Set[str] = frozenset()
    ) -> "ApplicationView":
        """The view of a case for a reader, who stands in for these persons."""
        stated = {
            name: getattr(application, name)
            for name in (
                "id", "file_number", "organisation", "programme", "call", "call_version", "filed_on", "late",
                "applicant", "addressee", "project", "finance_plan", "remedies", "withdrawn_on",
                "bank_account_on", "erased_on",
            )
        }  # fmt: skip
        return cls(
            **stated,
            **(_for_staff(application) if is_staff(reader) else {}),
            state=_state(application, reader),
            corrections=_corrections(application),
            early_start_from=None if application.early_start is None else application.early_start.begins_on,
            information_requests=tuple(map(InformationRequestView.of, application.information_requests)),
            decision=_decision(application, reader),
            payment_blocked_because=_payment_block(application, reader, today),
            actions=_actions(application, reader, represented),
        )


class LetterView(View):
    """The letter that would be sent, and the digest to sign."""

    digest: str
    content: LetterContent


def _for_staff(application: Application) -> dict[str, Any]:
    assessment = application.assessment
    return {
        "assessment": None if assessment is None else AssessmentView.of(assessment),
        "proposal": application.proposal,
        "failed_notifications": application.failed_notifications,
        "assignee": application.assignee,
        "waits_for": turn_of(application),
        "due_on": application.due_on,
    }


def _state(application: Application, reader: Principal) -> str:
    """An applicant learns the outcome by its letter, not by the state of the case."""
    decided = application.state in {State.GRANTED, State.REJECTED}
    return DECIDED if decided and not is_staff(reader) else application.state.value


def _corrections(application: Application) -> tuple[Finding, ...]:
    assessment = application.assessment
    if application.state is not State.INFORMATION_REQUESTED or assessment is None:
        return ()
    return assessment.findings if assessment.result is Result.CORRECTION_NEEDED else ()


def _decision(application: Application, reader: Principal) -> DecisionView | None:
    decision = application.decision
    hidden = application.remedies.announced_on is None and not is_staff(reader)
    return None if decision is None or hidden else DecisionView.of(decision)


def _payment_block(application: Application, reader: Principal, today: date) -> PaymentBlock | None:
    block = application.payment_block(today)
    hidden = application.decision is not None and application.remedies.announced_on is None and not is_staff(reader)
    return PaymentBlock.NOT_FINAL if hidden else block


def _actions(application: Application, reader: Principal, represented: Set[str]) -> tuple[str, ...]:
    open_now = permitted(application, person=reader.person, roles=reader.roles, represented=represented)
    return tuple(ROUTES[action] for action in open_now if action in ROUTES)
