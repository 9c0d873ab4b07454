"""The household after its arrival, as far as the placement knows: the ledger holds people and months."""

from dataclasses import dataclass
from datetime import date

from kfi_allocation.domain import happenings
from kfi_allocation.domain.placement_record import PlacementRecord
from kfi_allocation.domain.placement_states import Action, State


@dataclass
class Arrived(PlacementRecord):
    """Arrival, moves, changes."""

    def confirm_arrival(self, *, persons: int, on: date) -> None:
        """The town of now says that so many persons are there. Raises WrongState before the town is settled."""
        self._must_allow(Action.CONFIRM_ARRIVAL)
        ags = self.town(Action.CONFIRM_ARRIVAL)
        self._move(Action.CONFIRM_ARRIVAL, State.ARRIVED, details={"ags": ags, "persons": str(persons)})
        self.persons, self.arrived_on = persons, on
        self.happened.append(happenings.ArrivalConfirmed(ags, persons, on))

    def record_move(
        self, to_ags: str | None, *, persons: int, on: date, from_ags: str | None = None, whole: bool = True
    ) -> None:
        """So many persons of it moved, to a town of the Land or out of it.

        Its town is the one they moved to, when all moved; when some stay (``whole`` is false), it is what it was.
        """
        self._must_allow(Action.RECORD_MOVE)
        former = from_ags or self.town(Action.RECORD_MOVE)
        details = {"from_ags": former, "to_ags": to_ags or "", "persons": str(persons)}
        self._move(Action.RECORD_MOVE, State.MOVED, details=details)
        self.happened.append(happenings.HouseholdMoved(former, to_ags, persons, on))
        if whole:
            self.ags = to_ags

    def record_change(self, change: str, *, persons: int, on: date, ags: str | None = None) -> None:
        """A birth, a death or a correction in a town: the household has so many persons from that day on."""
        self._must_allow(Action.RECORD_CHANGE)
        where = ags or self.town(Action.RECORD_CHANGE)
        self._move(Action.RECORD_CHANGE, reason=change, details={"ags": where, "persons": str(persons)})
        self.persons = persons
        self.happened.append(happenings.HouseholdChanged(where, persons, change, on))
