"""What a case waits for, and until when: the office sees the oldest due case first.

How long a step of the office may take is no law but a decision of the office (`OfficePeriods`, the service's settings).
Dates that follow from law or from a letter stand in the case itself and come first: the last day to answer a request,
the last day for a remedy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kfi_applications.domain.case_record import CaseRecord
from kfi_applications.domain.states import ENDED, State
from kfi_law.periods import end_of_day_period


class WaitsFor(StrEnum):
    """Whose turn it is."""

    CASEWORKER = "caseworker"
    APPLICANT = "applicant"
    BUDGET = "budget"
    SIGNATORY = "signatory"
    ANNOUNCEMENT = "announcement"
    REMEDY_PERIOD = "remedy-period"
    COURT = "court"


@dataclass(frozen=True)
class OfficePeriods:
    """How many days each may take; a period ends on a working day (§ 193 BGB).

    ``remind_before`` is how many days before the end of the time to answer a reminder goes out.
    """

    check: int
    answer: int
    budget: int
    signature: int
    announcement: int
    court: int
    remind_before: int

    def days(self, turn: WaitsFor) -> int:
        """The days of whoever's turn it is; the law's dates are in the case."""
        return {
            WaitsFor.CASEWORKER: self.check,
            WaitsFor.APPLICANT: self.answer,
            WaitsFor.BUDGET: self.budget,
            WaitsFor.SIGNATORY: self.signature,
            WaitsFor.ANNOUNCEMENT: self.announcement,
            WaitsFor.REMEDY_PERIOD: self.announcement,
            WaitsFor.COURT: self.court,
        }[turn]


_TURN: Final[Mapping[State, WaitsFor]] = {
    State.RECEIVED: WaitsFor.CASEWORKER,
    State.FORMAL_CHECK: WaitsFor.CASEWORKER,
    State.INFORMATION_REQUESTED: WaitsFor.APPLICANT,
    State.SUBSTANCE_CHECK: WaitsFor.CASEWORKER,
    State.PROPOSED: WaitsFor.BUDGET,
    State.FUNDS_RESERVED: WaitsFor.SIGNATORY,
    State.SECOND_CHECK: WaitsFor.SIGNATORY,
    State.GRANTED: WaitsFor.ANNOUNCEMENT,
    State.REJECTED: WaitsFor.ANNOUNCEMENT,
    State.ANNOUNCED: WaitsFor.REMEDY_PERIOD,
    State.ACTION_PENDING: WaitsFor.COURT,
}


def turn_of(case: CaseRecord) -> WaitsFor | None:
    """Whose turn it is; None when the case has ended."""
    if case.state is State.PROPOSED and case.proposal is not None and case.proposal.is_rejection:
        return WaitsFor.SIGNATORY
    if case.state in {State.GRANTED, State.REJECTED} and _letter_is_stuck(case):
        return WaitsFor.SIGNATORY
    if case.state is State.INFORMATION_REQUESTED and _lapsed(case):
        return WaitsFor.CASEWORKER
    return None if case.state in ENDED else _TURN[case.state]


def set_due_date(case: CaseRecord, today: date, periods: OfficePeriods) -> None:
    """A new turn has a new date; while the turn stays so does the date, unless the case itself names one."""
    turn = turn_of(case)
    if turn is None:
        case.waits_for = case.due_on = None
        return
    named = _named_by_the_case(case, turn)
    if named is not None or case.due_on is None or turn.value != case.waits_for:
        case.due_on = named or end_of_day_period(today, periods.days(turn))
    case.waits_for = turn.value


def _named_by_the_case(case: CaseRecord, turn: WaitsFor) -> date | None:
    if turn is WaitsFor.APPLICANT and case.information_requests:
        return case.information_requests[-1].answer_by
    return case.remedies.remedy_ends_on if turn is WaitsFor.REMEDY_PERIOD else None


def _letter_is_stuck(case: CaseRecord) -> bool:
    """Nobody tries again by themselves: a signatory has to order the letter again."""
    return any(failed.kind == ("letter", True) and failed.final for failed in case.failed_notifications)


def _lapsed(case: CaseRecord) -> bool:
    return bool(case.information_requests) and case.information_requests[-1].lapsed_on is not None
