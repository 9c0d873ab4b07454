"""What a placement waits for, and until when: the office sees the oldest due one first.

How long a step of the office may take is a decision of the office (`OfficeDays`, settings of the service). The days
that towns, families and communities were given stand in the placement itself and come first.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kfi_allocation.domain.groups import Procedure
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import ENDED, SETTLED, State
from kfi_law.periods import end_of_day_period


class WaitsFor(StrEnum):
    """Whose turn it is."""

    PLANNER = "planner"
    TOWN = "town"
    FAMILY = "family"
    COMMUNITY = "community"
    SIGNATORY = "signatory"
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """How many days each may take; a period ends on a working day (§ 193 BGB)."""

    planner: int
    signatory: int

    def of(self, turn: WaitsFor) -> int:
        """The days of whoever's turn it is."""
        return self.signatory if turn is WaitsFor.SIGNATORY else self.planner


def turn_of(placement: Placement) -> WaitsFor | None:
    """Whose turn it is; None when the procedure has ended."""
    if placement.state in ENDED:
        return None
    if placement.state is State.ANNOUNCED or placement.failed_letter or _planner_decides(placement):
        return WaitsFor.PLANNER
    if placement.state in SETTLED:
        return WaitsFor.ARRIVAL
    if placement.procedure is Procedure.COORDINATED:
        return WaitsFor.TOWN if placement.familys_answer is not None else WaitsFor.FAMILY
    return _turn_of_a_hearing(placement)


def set_due_date(placement: Placement, today: date, days: OfficeDays) -> None:
    """A new turn has a new date; while the turn stays so does the date, unless the placement itself names one."""
    turn = turn_of(placement)
    if turn is None:
        placement.waits_for = placement.due_on = None
        return
    named = _named_by_the_placement(placement, turn)
    if named is not None or placement.due_on is None or turn.value != placement.waits_for:
        placement.due_on = named or end_of_day_period(today, days.of(turn))
    placement.waits_for = turn.value


def _planner_decides(placement: Placement) -> bool:
    """Another town has to be found, or an objection or a no of the family to be answered."""
    answer = placement.familys_answer
    declined = answer is not None and not answer.agrees and placement.state is State.PROPOSED
    return placement.needs_another_town or placement.open_objection is not None or declined


def _turn_of_a_hearing(placement: Placement) -> WaitsFor:
    hearing, community = placement.hearing, placement.community
    if placement.state is State.PROPOSED:
        return WaitsFor.PLANNER if hearing is None else WaitsFor.FAMILY
    if placement.state is State.READY:
        return WaitsFor.SIGNATORY if placement.town_agreed_on is not None else WaitsFor.TOWN
    return WaitsFor.COMMUNITY if community is not None and community.answered_on is None else WaitsFor.PLANNER


def _named_by_the_placement(placement: Placement, turn: WaitsFor) -> date | None:
    if turn is WaitsFor.TOWN:
        return placement.object_until
    if turn is WaitsFor.FAMILY:
        return placement.hearing.answer_by if placement.hearing is not None else None
    if turn is WaitsFor.COMMUNITY:
        return placement.community.answer_by if placement.community is not None else None
    return placement.arrival_on if turn is WaitsFor.ARRIVAL else None
