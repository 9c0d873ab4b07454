"""After a restore what was published of a household is rebuilt with its account; what no event tells is for people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.allocation.tests.placements import BIELEFELD, DORTMUND, MUENSTER, RUN, TODAY, announced, ready

from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import State
from kfi_allocation.recovery import recovery
from kfi_allocation.work import AllocationWork
from kfi_chassis.restore.declaration import Left, Past
from kfi_contracts import allocation as said
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event

pytestmark = pytest.mark.servers
UNTIL = TODAY + timedelta(days=14)


async def stored(desk: Any, placement: Placement) -> Placement:
    await desk.run(lambda work: work.placements.add(placement))
    return placement


async def rebuilt(desk: Any, event: Event, sequence: int) -> Left | None:
    rebuild = recovery.rebuilder(event.type)
    assert rebuild is not None
    envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=sequence)
    left: Left | None = await desk.run(lambda work: rebuild(event, Past(envelope, (event,)), work))
    return left


async def now(desk: Any, household_id: UUID) -> Placement:
    found: Placement = await desk.run(lambda work: work.placements.get(household_id))
    return found


async def account(desk: Any, household_id: UUID) -> dict[str, int]:
    query = "SELECT ags, sum(persons) AS persons FROM booking WHERE household_id = :id GROUP BY 1"
    return {row.ags: row.persons for row in await desk.rows(query, id=household_id) if row.persons}


def proposed(home: UUID, ags: str = MUENSTER) -> said.AllocationProposed:
    return said.AllocationProposed(household_id=home, run_id=RUN, ags=ags, persons=5, object_until=UNTIL)


def revised(home: UUID) -> said.AllocationRevised:
    return said.AllocationRevised(
        household_id=home, run_id=RUN, from_ags=MUENSTER, to_ags=DORTMUND, object_until=UNTIL,
        reason=said.RevisionReason.OBJECTION_UPHELD,
    )  # fmt: skip


def objected(home: UUID) -> said.AllocationObjected:
    reason = said.ObjectionReason.OVERLOADED
    return said.AllocationObjected(household_id=home, ags=MUENSTER, reason=reason, objected_on=TODAY)


async def test_a_household_goes_its_way_again_with_its_account(desk: Any) -> None:
    home = (await stored(desk, announced())).id
    assert await rebuilt(desk, proposed(home), 2) == Left("plan_lost")
    assert await account(desk, home) == {MUENSTER: 5}
    assert await rebuilt(desk, objected(home), 3) == Left("objection_in_words_lost")
    assert (await now(desk, home)).open_objection is not None
    assert await rebuilt(desk, revised(home), 4) == Left("plan_lost")
    found = await now(desk, home)
    assert (found.state, found.ags, found.excluded, found.persons) == (State.PROPOSED, DORTMUND, (MUENSTER,), 5)
    assert found.open_objection is None
    assert await account(desk, home) == {DORTMUND: 5}
    decided = said.AllocationDecided(
        household_id=home, decision_id=uuid4(), ags=DORTMUND, decided_on=TODAY, letter_id=uuid4()
    )
    assert await rebuilt(desk, decided, 5) == Left("reasons_and_signatory_unknown")
    arrived = said.ArrivalConfirmed(household_id=home, ags=DORTMUND, persons=4, arrived_on=TODAY)
    assert await rebuilt(desk, arrived, 6) == Left("presence_lost")
    found = await now(desk, home)
    assert (found.state, found.sequence, found.arrived_on) == (State.ARRIVED, 6, TODAY)
    assert await account(desk, home) == {DORTMUND: 4}
    actions = await desk.rows("SELECT action FROM audit WHERE aggregate_id = :id ORDER BY number", id=home)
    assert [row.action for row in actions if row.action == "restored"] == ["restored"] * 5
    assert len(await desk.rows("SELECT 1 FROM outbox")) == 1


async def test_who_was_cancelled_moved_or_agreed_is_so_again(desk: Any) -> None:
    home = (await stored(desk, announced())).id
    await rebuilt(desk, proposed(home), 2)
    cancelled = said.HouseholdCancelled(household_id=home, cancelled_on=TODAY, ags=MUENSTER)
    assert await rebuilt(desk, cancelled, 3) == Left("correction_lost")
    assert await account(desk, home) == {}
    other = (await stored(desk, announced())).id
    await rebuilt(desk, proposed(other), 2)
    await rebuilt(desk, said.PlacementAgreed(household_id=other, ags=MUENSTER, agreed_on=TODAY), 3)
    assert (await now(desk, other)).state is State.AGREED
    moved = said.HouseholdMoved(household_id=other, from_ags=MUENSTER, to_ags=BIELEFELD, persons=5, moved_on=TODAY)
    assert await rebuilt(desk, moved, 4) == Left("presence_lost")
    assert (await now(desk, other)).ags == BIELEFELD


@pytest.mark.parametrize("make", [proposed, revised, objected])
async def test_an_event_of_a_lost_household_is_left_to_people(desk: Any, make: Callable[[UUID], Event]) -> None:
    assert await rebuilt(desk, make(uuid4()), 2) == Left("household_lost")


async def test_events_are_rebuilt_in_their_order(desk: Any) -> None:
    home = (await stored(desk, announced())).id
    with pytest.raises(WrongState):
        await rebuilt(desk, revised(home), 3)


async def test_an_erasure_holds_through_a_restore(desk: Any) -> None:
    placement = await stored(desk, ready())
    event = said.HouseholdErased(household_id=placement.id, erased_on=TODAY)
    assert await rebuilt(desk, event, placement.sequence + 1) is None
    assert (await now(desk, placement.id)).proceedings.hearings == ()
    assert await desk.rows("SELECT 1 FROM person_key WHERE person = :id", id=placement.id) == []


async def test_towns_begin_from_their_snapshots(desk: Any) -> None:
    await desk.rows(
        "INSERT INTO feed (ags, generation, last_position, first_position) VALUES ('05515000', 1, 7, 1) RETURNING ags"
    )
    assert recovery.last_step is not None

    async def last(work: AllocationWork) -> list[str]:
        found: list[str] = await recovery.last_step(work)  # type: ignore[misc]
        return found

    assert await desk.run(last) == []
    assert [row.generation for row in await desk.rows("SELECT generation FROM feed")] == [2]
