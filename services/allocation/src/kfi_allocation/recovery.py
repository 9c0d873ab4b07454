"""What was decided on households, rebuilt from the service's own events after a restore.

The events say where a household is meant to live, that it was settled, that it arrived. Who it is, what it needs, what
people said and who signed they do not say; that is left to people, household by household.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from kfi_allocation.domain.decision import Decision
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.objection import Objection, ObjectionReason, Ruling
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placements import AGGREGATE, UnknownPlacement
from kfi_allocation.runs import UnknownRun
from kfi_allocation.work import AllocationWork
from kfi_chassis.restore.declaration import Left, Past, Recovery
from kfi_contracts import allocation as said
from kfi_contracts.notifications import NotificationOrdered

recovery = Recovery()
UNKNOWN_PERSON: Final = "unknown"
_LOST: Final = Left("household_lost")


@recovery.on(said.HouseholdAnnounced)
async def it_was_announced(_event: said.HouseholdAnnounced, _past: Past, _work: AllocationWork) -> Left:
    """Who it is stands in the list alone: the list is sent again, and what was told of the old number is compared."""
    return _LOST


@recovery.on(said.HouseholdAmended)
async def it_was_amended(event: said.HouseholdAmended, past: Past, work: AllocationWork) -> Left:
    """Persons and day of arrival; what else the correction said stands in its list."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    placement.persons, placement.arrival_on = event.persons, event.arrival_on
    await _save(placement, placement.state, past, work)
    return Left("correction_lost")


@recovery.on(said.HouseholdCancelled)
async def it_was_cancelled(event: said.HouseholdCancelled, past: Past, work: AllocationWork) -> Left | None:
    """It will not come, and is in no town's account."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    placement.state, placement.cancelled_on = State.CANCELLED, event.cancelled_on
    await work.ledger.will_not_come([placement.id], event.cancelled_on)
    await _save(placement, before, past, work)
    return Left("correction_lost")


@recovery.on(said.AllocationProposed)
async def it_was_proposed(event: said.AllocationProposed, past: Past, work: AllocationWork) -> Left | None:
    """The town, its period and its account; the plan it came of may be lost."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    placement.persons, placement.arrival_on = event.persons, event.arrival_on
    await _named(placement, event.ags, event.run_id, past, work)
    placement.object_until = event.object_until
    await _save(placement, before, past, work)
    return await _unless_the_run_is_there(event.run_id, work)


@recovery.on(said.AllocationRevised)
async def another_town_was_named(event: said.AllocationRevised, past: Past, work: AllocationWork) -> Left | None:
    """The other town, its period and its account."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    if event.reason is said.RevisionReason.OBJECTION_UPHELD:
        placement.excluded = (*placement.excluded, event.from_ags)
        _uphold(placement, past)
    await _named(placement, event.to_ags, event.run_id, past, work)
    placement.object_until, placement.agreed_on = event.object_until, None
    await _save(placement, before, past, work)
    return await _unless_the_run_is_there(event.run_id, work)


@recovery.on(said.AllocationObjected)
async def the_town_objected(event: said.AllocationObjected, past: Past, work: AllocationWork) -> Left:
    """The objection by its code; the town's own words are asked for again."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    objection = Objection(event.ags, ObjectionReason(event.reason.value), "", event.objected_on)
    file = placement.proceedings
    placement.proceedings = replace(file, objections=(*file.objections, objection))
    await _save(placement, placement.state, past, work)
    return Left("objection_in_words_lost")


@recovery.on(said.PlacementAgreed)
async def it_was_agreed(event: said.PlacementAgreed, past: Past, work: AllocationWork) -> Left | None:
    """Family and town agreed."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    placement.state, placement.agreed_on = State.AGREED, event.agreed_on
    placement.town_agreed_on = placement.town_agreed_on or event.agreed_on
    await _save(placement, before, past, work)
    return None


@recovery.on(said.AllocationDecided)
async def it_was_decided(event: said.AllocationDecided, past: Past, work: AllocationWork) -> Left:
    """The decision as it was published; reasons, hearing and signatory stand in the letter."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    orders = (order for order in past.all(NotificationOrdered) if order.notification_id == event.letter_id)
    decision = Decision(
        event.decision_id, event.ags, event.decided_on, UNKNOWN_PERSON, UNKNOWN_PERSON, event.letter_id,
        next((order.content_digest for order in orders), ""),
    )  # fmt: skip
    placement.decisions = (*placement.decisions, decision)
    placement.state = State.DECIDED
    await _save(placement, before, past, work)
    return Left("reasons_and_signatory_unknown")


@recovery.on(said.ArrivalConfirmed)
async def it_arrived(event: said.ArrivalConfirmed, past: Past, work: AllocationWork) -> Left | None:
    """The arrival, with its entries in both ledgers."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    placement.state, placement.persons, placement.arrived_on = State.ARRIVED, event.persons, event.arrived_on
    await work.ledger.arrived(placement.id, event.ags, event.persons, event.arrived_on)
    await _save(placement, before, past, work)
    return Left("presence_lost")


@recovery.on(said.HouseholdMoved)
async def it_moved(event: said.HouseholdMoved, past: Past, work: AllocationWork) -> Left:
    """Where it lives now; who of it moved is entered again by the town."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    before = placement.state
    placement.state, placement.ags = State.MOVED, event.to_ags
    await _save(placement, before, past, work)
    return Left("presence_lost")


@recovery.on(said.HouseholdChanged)
async def it_changed(event: said.HouseholdChanged, past: Past, work: AllocationWork) -> Left:
    """How many they are; the entries of the ledgers are made again by the town."""
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    placement.persons = event.persons
    await _save(placement, placement.state, past, work)
    return Left("presence_lost")


@recovery.on(said.HouseholdErased)
async def its_personal_data_was_erased(event: said.HouseholdErased, past: Past, work: AllocationWork) -> Left | None:
    """The backup is older than the erasure: what it brought back goes again."""
    await work.persons.erase(event.household_id)
    try:
        placement = await _next(past, work)
    except UnknownPlacement:
        return _LOST
    placement.erased_on = event.erased_on
    await _save(placement, placement.state, past, work)
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
