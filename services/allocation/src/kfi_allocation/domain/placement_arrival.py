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

    def record_move(self, to_ags: str | None, *, persons: int, on: date) -> None:
        """So many persons of it moved, to a town of the Land or out of it; its town is the one they moved to."""
        self._must_allow(Action.RECORD_MOVE)
        former = self.town(Action.RECORD_MOVE)
        details = {"from_ags": former, "to_ags": to_ags or "", "persons": str(persons)}
        self._move(Action.RECORD_MOVE, State.MOVED, details=details)
        self.happened.append(happenings.HouseholdMoved(former, to_ags, persons, on))
        self.ags = to_ags

    def record_change(self, change: str, *, persons: int, on: date) -> None:
        """A birth, a death or a correction: so many persons are there from that day on."""
        self._must_allow(Action.RECORD_CHANGE)
        ags = self.town(Action.RECORD_CHANGE)
        self._move(Action.RECORD_CHANGE, reason=change, details={"ags": ags, "persons": str(persons)})
        self.persons = persons
        self.happened.append(happenings.HouseholdChanged(ags, persons, change, on))
