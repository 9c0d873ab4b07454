"""Placements on a real database: what is read is what was stored, and what people said is stored encrypted."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services.allocation.tests.placements import (
    DORTMUND,
    MUENSTER,
    OBJECT_UNTIL,
    PLANNER,
    TODAY,
    announced,
    asked,
    decided,
    drafted,
    heard,
    proposed,
    ready,
)

from kfi_allocation.domain.hearing import HearingAnswer
from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement import Placement
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.work import AllocationWork
from kfi_chassis.work import VersionConflict

pytestmark = pytest.mark.servers


async def _stored(desk: Any, placement: Placement) -> Placement:
    async def use(work: AllocationWork) -> None:
        await work.placements.add(placement)

    await desk.run(use)
    return placement


@pytest.mark.parametrize("make", [announced, proposed, asked, heard, drafted, ready, decided])
async def test_what_is_read_is_what_was_stored(desk: Any, make: Any) -> None:
    placement = await _stored(desk, make())
    assert await desk.run(lambda work: work.placements.get(placement.id)) == placement


async def test_what_people_said_lies_encrypted_and_is_in_no_event_and_no_audit(desk: Any) -> None:
    await _stored(desk, heard("Meine Schwester Olena wohnt in Köln."))
    found = await desk.rows("SELECT placement::text AS row FROM placement")
    found += await desk.rows("SELECT audit::text AS row FROM audit")
    found += await desk.rows("SELECT convert_from(payload, 'utf-8') AS row FROM outbox")
    assert len(found) == 1 + 4 + 2
    assert not [row for row in found if "Olena" in row.row]


async def test_each_change_is_an_audit_row_and_events_are_counted_without_gaps(desk: Any) -> None:
    placement = await _stored(desk, proposed())

    async def object_and_cancel(work: AllocationWork) -> None:
        found = await work.placements.get_to_change(placement.id, 1)
        found.object_to(MUENSTER, ObjectionReason.OVERLOADED, "voll", on=TODAY)
        await work.placements.save(found)
        found.cancel(TODAY)
        await work.placements.save(found)

    await desk.run(object_and_cancel)
    rows = await desk.rows("SELECT sequence, type FROM outbox ORDER BY position")
    assert [row.sequence for row in rows] == [1, 2, 3, 4]
    audit = await desk.rows("SELECT action, version FROM audit ORDER BY number")
    assert [(row.action, row.version) for row in audit] == [
        ("announce", 1), ("propose", 1), ("object", 2), ("cancel", 3),
    ]  # fmt: skip


async def test_a_second_actor_is_told(desk: Any) -> None:
    placement = await _stored(desk, proposed())

    async def stale(work: AllocationWork) -> None:
        await work.placements.get_to_change(placement.id, 7)

    with pytest.raises(VersionConflict):
        await desk.run(stale)


async def test_a_town_finds_its_own_alone(desk: Any) -> None:
    placement = await _stored(desk, proposed())
    assert (await desk.run(lambda work: work.placements.get(placement.id, ags=MUENSTER))).id == placement.id
    with pytest.raises(UnknownPlacement):
        await desk.run(lambda work: work.placements.get(placement.id, ags=DORTMUND))


async def test_an_upheld_objection_is_an_order_for_the_next_plan(desk: Any) -> None:
    objected, fixed, free = proposed(), announced(), proposed()
    objected.object_to(MUENSTER, ObjectionReason.NO_HOUSING, "", on=TODAY)
    objected.uphold_objection(PLANNER, "ja", on=TODAY)
    fixed.propose(uuid4(), DORTMUND, object_until=TODAY, on=TODAY, fixed=True)
    for placement in (objected, fixed, free):
        await _stored(desk, placement)
    orders = await desk.run(lambda work: work.placements.orders())
    assert orders.excluded == {str(objected.id): frozenset({MUENSTER})}
    assert orders.fixed == {str(fixed.id): DORTMUND}
    assert not (await desk.run(lambda work: work.placements.orders([free.id]))).fixed


async def test_many_are_changed_in_one_statement(desk: Any) -> None:
    placements = [announced() for _ in range(5)]

    async def add(work: AllocationWork) -> None:
        await work.placements.add_all(placements)

    async def propose(work: AllocationWork) -> None:
        found = await work.placements.many_to_change([each.id for each in placements])
        for each in found:
            each.propose(uuid4(), MUENSTER, object_until=TODAY, on=TODAY)
        await work.placements.save_all(found)

    await desk.run(add)
    await desk.run(propose)
    stored = await desk.run(lambda work: work.placements.many([each.id for each in placements]))
    assert [(each.version, each.sequence, each.ags) for each in stored] == [(2, 2, MUENSTER)] * 5


async def test_of_many_that_are_changed_each_keeps_what_was_said_of_it(desk: Any) -> None:
    silent, objecting = [proposed() for _ in range(3)], [proposed() for _ in range(3)]
    ids = [each.id for each in (*silent, *objecting)]

    async def object_to_some(work: AllocationWork) -> None:
        found = {each.id: each for each in await work.placements.many_to_change(ids)}
        for each in silent:
            found[each.id].record_towns_agreement(MUENSTER, on=TODAY)
        for each in objecting:
            found[each.id].object_to(MUENSTER, ObjectionReason.NO_HOUSING, f"von {each.id}", on=TODAY)
        await work.placements.save_all(list(found.values()))

    await desk.run(lambda work: work.placements.add_all([*silent, *objecting]))
    await desk.run(object_to_some)
    stored = {each.id: each for each in await desk.run(lambda work: work.placements.many(ids))}
    assert [stored[each.id].town_agreed_on for each in silent] == [TODAY] * 3
    assert [stored[each.id].proceedings.objections[0].text for each in objecting] == [
        f"von {one.id}" for one in objecting
    ]


async def test_each_step_keeps_the_days_somebody_waits_for(desk: Any) -> None:
    placement = await _stored(desk, asked())

    async def answer_and_agree(work: AllocationWork) -> None:
        found = await work.placements.get_to_change(placement.id)
        found.record_hearing(HearingAnswer(TODAY, (), "ja"), today=TODAY)
        found.record_towns_agreement(MUENSTER, on=TODAY)
        await work.placements.save(found)

    due = "SELECT kind, due_on FROM deadline WHERE closed_at IS NULL ORDER BY kind"
    assert [(row.kind, row.due_on) for row in await desk.rows(due)] == [
        ("hearing-period", TODAY + timedelta(days=11)), ("objection-period", OBJECT_UNTIL + timedelta(days=1)),
    ]  # fmt: skip
    await desk.run(answer_and_agree)
    assert await desk.rows(due) == []
