"""What an event of a household's placement means to each town: the words it is told, and nothing about another town."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import singledispatch
from uuid import UUID

from kfi_contracts import allocation as said
from kfi_contracts import municipality as told
from kfi_contracts.event import Event


class NotFollowing(LookupError):
    """The event follows from one that was never told here."""


@dataclass(frozen=True)
class Known:
    """What a town was told of a household, and whether the household still is meant for it or lives there."""

    persons: int
    arrival_on: date | None
    current: bool = True


@dataclass(frozen=True)
class Translation:
    """What towns are told, in order, and what each of them knows then."""

    events: tuple[told.MunicipalEvent, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)


_NOTHING = Translation()


def translate(event: Event, known: Mapping[str, Known]) -> Translation:
    """What the towns are told by an event, given what they were told of its household. Raises NotFollowing."""
    return _translated(event, known)


@singledispatch
def _translated(_event: Event, _known: Mapping[str, Known]) -> Translation:
    return _NOTHING


@_translated.register
def _(event: said.AllocationProposed, _known: Mapping[str, Known]) -> Translation:
    now = Known(event.persons, event.arrival_on)
    proposed = _proposed(event.ags, event.household_id, event.run_id, now, event.object_until)
    return Translation((proposed,), {event.ags: now})


@_translated.register
def _(event: said.AllocationRevised, known: Mapping[str, Known]) -> Translation:
    before = _of(event.from_ags, known)
    withdrawn = told.TownPlacementWithdrawn(ags=event.from_ags, household_id=event.household_id)
    proposed = _proposed(event.to_ags, event.household_id, event.run_id, before, event.object_until)
    now = {event.from_ags: replace(before, current=False), event.to_ags: replace(before, current=True)}
    return Translation((withdrawn, proposed), now)


@_translated.register
def _(event: said.AllocationObjected, _known: Mapping[str, Known]) -> Translation:
    objection = told.TownObjectionRecorded(
        ags=event.ags, household_id=event.household_id, reason=event.reason, objected_on=event.objected_on
    )
    return Translation((objection,))


@_translated.register
def _(event: said.PlacementAgreed, _known: Mapping[str, Known]) -> Translation:
    agreed = told.TownPlacementAgreed(ags=event.ags, household_id=event.household_id, agreed_on=event.agreed_on)
    return Translation((agreed,))


@_translated.register
def _(event: said.AllocationDecided, _known: Mapping[str, Known]) -> Translation:
    decided = told.TownPlacementDecided(
        ags=event.ags, household_id=event.household_id, decision_id=event.decision_id, decided_on=event.decided_on
    )
    return Translation((decided,))


@_translated.register
def _(event: said.HouseholdAmended, known: Mapping[str, Known]) -> Translation:
    now = {
        ags: replace(each, persons=event.persons, arrival_on=event.arrival_on)
        for ags, each in known.items()
        if each.current
    }
    amended = (
        told.TownHouseholdAmended(
            ags=ags, household_id=event.household_id, persons=event.persons, arrival_on=event.arrival_on
        )
        for ags in sorted(now)
    )
    return Translation(tuple(amended), now)


@_translated.register
def _(event: said.HouseholdCancelled, known: Mapping[str, Known]) -> Translation:
    if event.ags is None:
        return _NOTHING
    cancelled = told.TownHouseholdCancelled(
        ags=event.ags, household_id=event.household_id, cancelled_on=event.cancelled_on
    )
    return Translation((cancelled,), {event.ags: replace(_of(event.ags, known), current=False)})


@_translated.register
def _(event: said.ArrivalConfirmed, known: Mapping[str, Known]) -> Translation:
    arrived = told.TownArrivalConfirmed(
        ags=event.ags, household_id=event.household_id, persons=event.persons, arrived_on=event.arrived_on
    )
    return Translation((arrived,), {event.ags: replace(_of(event.ags, known), persons=event.persons)})


@_translated.register
def _(event: said.HouseholdMoved, known: Mapping[str, Known]) -> Translation:
    before = _of(event.from_ags, known)
    left = max(before.persons - event.persons, 0)
    now = {event.from_ags: replace(before, persons=left, current=left > 0)}
    out = told.TownHouseholdMovedOut(
        ags=event.from_ags, household_id=event.household_id, persons=event.persons, moved_on=event.moved_on
    )
    if event.to_ags is None:
        return Translation((out,), now)
    came = told.TownHouseholdMovedIn(
        ags=event.to_ags,
        household_id=event.household_id,
        persons=event.persons,
        moved_on=event.moved_on,
        dataref=told.household_dataref(event.to_ags, event.household_id),
    )
    there = known.get(event.to_ags)
    already = there.persons if there is not None and there.current else 0
    return Translation((out, came), now | {event.to_ags: Known(already + event.persons, before.arrival_on)})


@_translated.register
def _(event: said.HouseholdChanged, known: Mapping[str, Known]) -> Translation:
    changed = told.TownHouseholdChanged(
        ags=event.ags,
        household_id=event.household_id,
        persons=event.persons,
        change=event.change,
        changed_on=event.changed_on,
    )
    return Translation((changed,), {event.ags: replace(_of(event.ags, known), persons=event.persons)})


@_translated.register
def _(event: said.HouseholdErased, known: Mapping[str, Known]) -> Translation:
    """Whoever was ever told of the household may have fetched its data, so each of them is told."""
    erased = (
        told.TownHouseholdErased(ags=ags, household_id=event.household_id, erased_on=event.erased_on)
        for ags in sorted(known)
    )
    return Translation(tuple(erased), {ags: replace(each, current=False) for ags, each in known.items()})


def _proposed(ags: str, household_id: UUID, run_id: UUID, now: Known, object_until: date) -> told.TownPlacementProposed:
    return told.TownPlacementProposed(
        ags=ags,
        household_id=household_id,
        run_id=run_id,
        persons=now.persons,
        arrival_on=now.arrival_on,
        object_until=object_until,
        dataref=told.household_dataref(ags, household_id),
    )


def _of(ags: str, known: Mapping[str, Known]) -> Known:
    if ags not in known:
        raise NotFollowing(ags)
    return known[ags]
