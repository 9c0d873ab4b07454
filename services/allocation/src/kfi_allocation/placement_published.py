"""From what happened to a placement to the events others read."""

from collections.abc import Iterator
from functools import singledispatch
from uuid import UUID

from kfi_allocation.domain import happenings
from kfi_allocation.domain.placement import Placement
from kfi_contracts import allocation as events
from kfi_contracts.event import Event


def events_of(placement: Placement) -> Iterator[Event]:
    """The events of what happened in this transaction, in order."""
    return (_event(happening, placement.id) for happening in placement.happened)


@singledispatch
def _event(happening: object, household_id: UUID) -> Event:
    raise AssertionError(f"{type(happening).__name__} of {household_id} has no event")


@_event.register
def _(it: happenings.HouseholdAnnounced, household_id: UUID) -> Event:
    return events.HouseholdAnnounced(
        household_id=household_id, list_id=it.list_id, group=it.group, persons=it.persons, arrival_on=it.arrival_on
    )


@_event.register
def _(it: happenings.HouseholdAmended, household_id: UUID) -> Event:
    return events.HouseholdAmended(household_id=household_id, persons=it.persons, arrival_on=it.arrival_on)


@_event.register
def _(it: happenings.HouseholdCancelled, household_id: UUID) -> Event:
    return events.HouseholdCancelled(household_id=household_id, cancelled_on=it.cancelled_on, ags=it.ags)


@_event.register
def _(it: happenings.AllocationProposed, household_id: UUID) -> Event:
    return events.AllocationProposed(
        household_id=household_id,
        run_id=it.run_id,
        ags=it.ags,
        persons=it.persons,
        arrival_on=it.arrival_on,
        object_until=it.object_until,
    )


@_event.register
def _(it: happenings.AllocationObjected, household_id: UUID) -> Event:
    reason = events.ObjectionReason(it.reason)
    return events.AllocationObjected(household_id=household_id, ags=it.ags, reason=reason, objected_on=it.objected_on)


@_event.register
def _(it: happenings.AllocationRevised, household_id: UUID) -> Event:
    return events.AllocationRevised(
        household_id=household_id,
        run_id=it.run_id,
        from_ags=it.from_ags,
        to_ags=it.to_ags,
        reason=events.RevisionReason(it.reason),
        object_until=it.object_until,
    )


@_event.register
def _(it: happenings.PlacementAgreed, household_id: UUID) -> Event:
    return events.PlacementAgreed(household_id=household_id, ags=it.ags, agreed_on=it.agreed_on)


@_event.register
def _(it: happenings.AllocationDecided, household_id: UUID) -> Event:
    return events.AllocationDecided(
        household_id=household_id,
        decision_id=it.decision_id,
        ags=it.ags,
        decided_on=it.decided_on,
        letter_id=it.letter_id,
    )


@_event.register
def _(it: happenings.ArrivalConfirmed, household_id: UUID) -> Event:
    return events.ArrivalConfirmed(household_id=household_id, ags=it.ags, persons=it.persons, arrived_on=it.arrived_on)


@_event.register
def _(it: happenings.HouseholdMoved, household_id: UUID) -> Event:
    return events.HouseholdMoved(
        household_id=household_id, from_ags=it.from_ags, to_ags=it.to_ags, persons=it.persons, moved_on=it.moved_on
    )


@_event.register
def _(it: happenings.HouseholdChanged, household_id: UUID) -> Event:
    change = events.HouseholdChange(it.change)
    return events.HouseholdChanged(
        household_id=household_id, ags=it.ags, persons=it.persons, change=change, changed_on=it.changed_on
    )


@_event.register
def _(it: happenings.HouseholdErased, household_id: UUID) -> Event:
    return events.HouseholdErased(household_id=household_id, erased_on=it.erased_on)
