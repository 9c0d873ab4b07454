"""The state of a town as its events tell it: what a snapshot shows is what whoever read every event knows."""

from dataclasses import dataclass, replace
from datetime import date
from functools import singledispatch
from uuid import UUID

from kfi_contracts import municipality as told


@dataclass(frozen=True)
class TownHousehold:
    """A household that is meant for the town or lives there, as the town was told."""

    household_id: UUID
    state: str
    """`proposed`, `objected`, `agreed`, `decided` or `arrived`."""
    persons: int
    arrival_on: date | None = None
    object_until: date | None = None
    received_on: date | None = None
    run_id: UUID | None = None
    decision_id: UUID | None = None
    arrived_on: date | None = None


def household_of(event: told.MunicipalEvent) -> UUID | None:
    """The household an event is about; None when it is about the town."""
    return getattr(event, "household_id", None)


def after(before: TownHousehold | None, event: told.MunicipalEvent) -> TownHousehold | None:
    """The household after the event; None when it is no longer the town's."""
    return _after(event, before)


@singledispatch
def _after(_event: told.MunicipalEvent, before: TownHousehold | None) -> TownHousehold | None:
    return before


@_after.register
def _(event: told.TownPlacementProposed, _before: TownHousehold | None) -> TownHousehold:
    return TownHousehold(
        event.household_id,
        "proposed",
        event.persons,
        arrival_on=event.arrival_on,
        object_until=event.object_until,
        run_id=event.run_id,
    )


@_after.register
def _(event: told.TownPlacementReceived, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, received_on=event.received_on)


@_after.register
def _(_event: told.TownObjectionRecorded, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, state="objected")


@_after.register
def _(_event: told.TownPlacementAgreed, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, state="agreed")


@_after.register
def _(event: told.TownPlacementDecided, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, state="decided", decision_id=event.decision_id)


@_after.register
def _(event: told.TownHouseholdAmended, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, persons=event.persons, arrival_on=event.arrival_on)


@_after.register
def _(event: told.TownArrivalConfirmed, before: TownHousehold | None) -> TownHousehold:
    known = before or TownHousehold(event.household_id, "arrived", event.persons)
    return replace(known, state="arrived", persons=event.persons, arrived_on=event.arrived_on)


@_after.register
def _(event: told.TownHouseholdMovedIn, before: TownHousehold | None) -> TownHousehold:
    if before is None:
        return TownHousehold(event.household_id, "arrived", event.persons, arrived_on=event.moved_on)
    return replace(before, state="arrived", persons=before.persons + event.persons)


@_after.register
def _(event: told.TownHouseholdMovedOut, before: TownHousehold | None) -> TownHousehold | None:
    if before is None or before.persons <= event.persons:
        return None
    return replace(before, persons=before.persons - event.persons)


@_after.register
def _(event: told.TownHouseholdChanged, before: TownHousehold | None) -> TownHousehold | None:
    return None if before is None else replace(before, persons=event.persons)


@_after.register(told.TownPlacementWithdrawn)
@_after.register(told.TownHouseholdCancelled)
@_after.register(told.TownHouseholdErased)
def _(_event: told.MunicipalEvent, _before: TownHousehold | None) -> None:
    return None
