"""What a case is made of, and the one way in which it moves: by the table of states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.assessment import Assessment
from kfi_applications.domain.case import Addressee, Applicant, FinancePlan, Project
from kfi_applications.domain.decision import Decision, Proposal
from kfi_applications.domain.early_start import EarlyStart
from kfi_applications.domain.errors import DateNotPossible, WrongState
from kfi_applications.domain.information_request import InformationRequest
from kfi_applications.domain.remedies import FailedNotification, Remedies
from kfi_applications.domain.states import Action, State, targets


class Happening(StrEnum):
    """What others act on; each becomes one event with the next sequence number."""

    FILED = "filed"
    INFORMATION_REQUESTED = "information-requested"
    DECIDED = "decided"
    BECAME_FINAL = "became-final"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


@dataclass(frozen=True)
class StepTaken:
    """One step of the case, for the audit: codes, ids and dates only."""

    action: Action
    source: State | None
    target: State
    reason: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass
class CaseRecord:
    """The facts of a case and its state; what the table of states does not allow is refused with ``WrongState``.

    ``version`` counts saves (it is the ETag), ``sequence`` the published events. ``steps`` and ``happened`` collect
    what this transaction did, ``acting_for`` is whom the actor stands in for. Persons are persons, not accounts.
    ``due_on`` is the day by which whoever the case waits for should have acted (`due_dates.set_due_date`); both are
    None once it has ended.
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
    call_version: int = 1
    state: State = State.RECEIVED
    version: int = 0
    sequence: int = 0
    assessment: Assessment | None = None
    proposal: Proposal | None = None
    decision: Decision | None = None
    remedies: Remedies = field(default_factory=Remedies)
    failed_notifications: tuple[FailedNotification, ...] = ()
    information_requests: tuple[InformationRequest, ...] = ()
    early_start: EarlyStart | None = None
    withdrawn_on: date | None = None
    assignee: str | None = None
    waits_for: str | None = None
    due_on: date | None = None
    erased_on: date | None = None
    bank_account_on: date | None = None
    acting_for: str | None = None
    steps: list[StepTaken] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)

    def _move(
        self, action: Action, target: State, *, reason: str | None = None, details: Mapping[str, str] | None = None
    ) -> None:
        if target not in targets(action, self.state):
            raise self._wrong_state(action)
        stands_in = {"acting_for": self.acting_for} if self.acting_for else {}
        self.steps.append(StepTaken(action, self.state, target, reason, {**(details or {}), **stands_in}))
        self.state = target

    def _must_allow(self, action: Action) -> None:
        if not targets(action, self.state):
            raise self._wrong_state(action)

    def _wrong_state(self, action: Action) -> WrongState:
        return WrongState(
            f"The case is in the state {self.state}; {action} is not possible there.",
            fix="Read the case again; it lists the actions that are allowed now.",
        )

    def _must_be_possible(self, field: str, day: date, today: date, *, not_before: date | None = None) -> None:
        first = not_before or (self.decision.decided_on if self.decision else day)
        if not first <= day <= today:
            raise DateNotPossible(
                f"The day must lie between {first} and {today}.", fix="Correct the date.", field=field
            )
