"""What was decided on households, rebuilt from the service's own events after a restore.

The events say where a household is meant to live, that it was settled, that it arrived. Who it is, what it needs, what
people said and who signed they do not say; that is left to people, household by household.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

from kfi_allocation.domain.decision import Decision
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.objection import Objection, ObjectionReason, Ruling
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placements import AGGREGATE, UnknownPlacement
from kfi_allocation.runs import UnknownRun
from kfi_allocation.work import AllocationWork
from kfi_chassis.restore.declaration import Left, Past, Rebuild, Recovery
from kfi_contracts import allocation as said
from kfi_contracts.event import Event
from kfi_contracts.notifications import NotificationOrdered

recovery = Recovery()
UNKNOWN_PERSON: Final = "unknown"
_LOST: Final = Left("household_lost")
E = TypeVar("E", bound=Event)
_Take = Callable[[Placement, E, Past, AllocationWork], Awaitable[Left | None]]


def _of_its_placement(take: _Take[E]) -> Rebuild[E]:
    """What an event makes of the placement of its household, which is then stored; without one it is lost."""

    async def rebuild(event: E, past: Past, work: AllocationWork) -> Left | None:
        try:
            placement = await _next(past, work)
        except UnknownPlacement:
            return _LOST
        before = placement.state
        left = await take(placement, event, past, work)
        await _save(placement, before, past, work)
        return left

    return rebuild


@recovery.on(said.HouseholdAnnounced)
async def it_was_announced(_event: said.HouseholdAnnounced, _past: Past, _work: AllocationWork) -> Left:
    """Who it is stands in the list alone: the list is sent again, and what was told of the old number is compared."""
    return _LOST


@recovery.on(said.HouseholdAmended)
@_of_its_placement
async def it_was_amended(
    placement: Placement, event: said.HouseholdAmended, _past: Past, _work: AllocationWork
) -> Left:
    """Persons and day of arrival; what else the correction said stands in its list."""
    placement.persons, placement.arrival_on = event.persons, event.arrival_on
    return Left("correction_lost")


@recovery.on(said.HouseholdCancelled)
@_of_its_placement
async def it_was_cancelled(
    placement: Placement, event: said.HouseholdCancelled, _past: Past, work: AllocationWork
) -> Left | None:
    """It will not come, and is in no town's account."""
    placement.state, placement.cancelled_on = State.CANCELLED, event.cancelled_on
    await work.ledger.will_not_come([placement.id], event.cancelled_on)
    return Left("correction_lost")


@recovery.on(said.AllocationProposed)
@_of_its_placement
async def it_was_proposed(
    placement: Placement, event: said.AllocationProposed, past: Past, work: AllocationWork
) -> Left | None:
    """The town, its period and its account; the plan it came of may be lost."""
    placement.persons, placement.arrival_on = event.persons, event.arrival_on
    await _named(placement, event.ags, event.run_id, past, work)
    placement.object_until = event.object_until
    return await _unless_the_run_is_there(event.run_id, work)


@recovery.on(said.AllocationRevised)
@_of_its_placement
async def another_town_was_named(
    placement: Placement, event: said.AllocationRevised, past: Past, work: AllocationWork
) -> Left | None:
    """The other town, its period and its account."""
    if event.reason is said.RevisionReason.OBJECTION_UPHELD:
        placement.excluded = (*placement.excluded, event.from_ags)
        _uphold(placement, past)
    await _named(placement, event.to_ags, event.run_id, past, work)
    placement.object_until, placement.agreed_on = event.object_until, None
    return await _unless_the_run_is_there(event.run_id, work)


@recovery.on(said.AllocationObjected)
@_of_its_placement
async def the_town_objected(
    placement: Placement, event: said.AllocationObjected, _past: Past, _work: AllocationWork
) -> Left:
    """The objection by its code; the town's own words are asked for again."""
    objection = Objection(event.ags, ObjectionReason(event.reason.value), "", event.objected_on)
    file = placement.proceedings
    placement.proceedings = replace(file, objections=(*file.objections, objection))
    return Left("objection_in_words_lost")


@recovery.on(said.PlacementAgreed)
@_of_its_placement
async def it_was_agreed(
    placement: Placement, event: said.PlacementAgreed, _past: Past, _work: AllocationWork
) -> Left | None:
    """Family and town agreed."""
    placement.state, placement.agreed_on = State.AGREED, event.agreed_on
    placement.town_agreed_on = placement.town_agreed_on or event.agreed_on
    return None


@recovery.on(said.AllocationDecided)
@_of_its_placement
async def it_was_decided(
    placement: Placement, event: said.AllocationDecided, past: Past, _work: AllocationWork
) -> Left:
    """The decision as it was published; reasons, hearing and signatory stand in the letter."""
    orders = (order for order in past.all(NotificationOrdered) if order.notification_id == event.letter_id)
    decision = Decision(
        event.decision_id, event.ags, event.decided_on, UNKNOWN_PERSON, UNKNOWN_PERSON, event.letter_id,
        next((order.content_digest for order in orders), ""),
    )  # fmt: skip
    placement.decisions = (*placement.decisions, decision)
    placement.state = State.DECIDED
    return Left("reasons_and_signatory_unknown")


@recovery.on(said.ArrivalConfirmed)
@_of_its_placement
async def it_arrived(
    placement: Placement, event: said.ArrivalConfirmed, _past: Past, work: AllocationWork
) -> Left | None:
    """The arrival with its intake; who of the household is there is entered again by the town."""
    placement.state, placement.persons, placement.arrived_on = State.ARRIVED, event.persons, event.arrived_on
    await work.ledger.arrived(placement.id, event.ags, event.persons, event.arrived_on)
    return Left("presence_lost")


@recovery.on(said.HouseholdMoved)
@_of_its_placement
async def it_moved(placement: Placement, event: said.HouseholdMoved, _past: Past, _work: AllocationWork) -> Left:
    """Where it lives now; who of it moved is entered again by the town."""
    placement.state, placement.ags = State.MOVED, event.to_ags
    return Left("presence_lost")


@recovery.on(said.HouseholdChanged)
@_of_its_placement
async def it_changed(placement: Placement, event: said.HouseholdChanged, _past: Past, _work: AllocationWork) -> Left:
    """How many they are; the entries of the ledgers are made again by the town."""
    placement.persons = event.persons
    return Left("presence_lost")


@recovery.on(said.HouseholdErased)
async def its_personal_data_was_erased(event: said.HouseholdErased, past: Past, work: AllocationWork) -> Left | None:
    """The backup is older than the erasure: what it brought back goes again, whatever is left of the placement."""
    await work.persons.erase(event.household_id)
    return await _it_was_erased(event, past, work)


@_of_its_placement
async def _it_was_erased(
    placement: Placement, event: said.HouseholdErased, _past: Past, _work: AllocationWork
) -> Left | None:
    placement.erased_on = event.erased_on
    return None


@recovery.on(said.PlanProved)
async def a_plan_was_proved(event: said.PlanProved, _past: Past, work: AllocationWork) -> Left | None:
    """The plan lies with the run; where the run is lost, its certificate is with the towns that fetched it."""
    return await _unless_the_run_is_there(event.run_id, work)


@recovery.afterwards
async def cursors_end(work: AllocationWork) -> list[str]:
    """Positions that were told are given again to other events: every town begins from its snapshot."""
    await work.feeds.renew()
    return []


async def _named(placement: Placement, ags: str, run_id: UUID, past: Past, work: AllocationWork) -> None:
    on = past.envelope.time.date()
    placement.state, placement.ags, placement.run_id = State.PROPOSED, ags, run_id
    placement.proposed_on, placement.town_agreed_on, placement.fixed = on, None, False
    await work.ledger.placed({placement.id: (ags, placement.persons)}, on)


def _uphold(placement: Placement, past: Past) -> None:
    """The open objection was upheld by whoever is unknown now."""
    ruling = Ruling(upheld=True, ruled_on=past.envelope.time.date(), by=UNKNOWN_PERSON, text="")
    file = placement.proceedings
    ruled = tuple(one if one.ruling else replace(one, ruling=ruling) for one in file.objections)
    placement.proceedings = replace(file, objections=ruled)


async def _unless_the_run_is_there(run_id: UUID, work: AllocationWork) -> Left | None:
    try:
        await work.runs.get(run_id)
    except UnknownRun:
        return Left("plan_lost")
    return None


async def _next(past: Past, work: AllocationWork) -> Placement:
    """The placement, when the event is its next one. Raises WrongState, UnknownPlacement."""
    placement = await work.placements.get_to_change(UUID(past.envelope.subject))
    if placement.sequence + 1 != past.sequence:
        raise WrongState("Another event of the household comes first.", fix="Rebuild that first.")
    return placement


async def _save(placement: Placement, before: State, past: Past, work: AllocationWork) -> None:
    placement.sequence = past.sequence
    await work.placements.save(placement)
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=placement.id,
        version=placement.version,
        action="restored",
        details={"from": before, "to": placement.state, "event_id": str(past.envelope.id)},
    )
