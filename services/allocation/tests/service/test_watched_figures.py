"""What operators watch is what stands in the database: runs, gap, proposals, objections, endpoints."""

from datetime import timedelta
from typing import Any

import pytest
from services.allocation.tests.planning import announced, frozen, policy_in_force, solved
from services.allocation.tests.proposing import proposed
from sqlalchemy import text

from kfi_allocation.doors.steps import doors_stand, position_and_hand_on
from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.placement_steps import measure_placements
from kfi_allocation.run_steps import runs_by_state
from kfi_allocation.standing_figures import what_stands_still

pytestmark = pytest.mark.servers
MUENSTER = "05515000"


async def shown(desk: Any, measure: Any) -> dict[str, float]:
    """Every sample that is not 0 after one measure, by name and labels."""
    metrics = AllocationMetrics()
    await measure(desk.transactions, metrics)
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    return {" ".join([each.name, *each.labels.values()]): each.value for each in samples if each.value}


async def test_a_proven_run_shows_its_duration_and_gap(desk: Any) -> None:
    await policy_in_force(desk)
    await announced(desk, *({"persons": number % 4 + 1} for number in range(9)))
    run = await solved(desk, await frozen(desk))
    took = "UPDATE plan_run SET started_at = ended_at - interval '7 seconds', gap = 0.02"
    await desk.run(lambda work: work.connection.execute(text(took)))
    seen = await shown(desk, runs_by_state)
    assert run["state"] == "proved"
    assert seen["plan_runs proved"] == 1
    assert seen["plan_run_last_duration_seconds"] == pytest.approx(7)
    assert seen["plan_run_last_gap_ratio"] == pytest.approx(0.02)


async def test_open_proposals_are_shown_by_age_and_objections_by_number_and_days(desk: Any) -> None:
    household = await proposed(desk, MUENSTER)
    body = {"reason": "no-housing", "explanation": "Kein Wohnraum."}
    answer = await desk.act("planner", f"/placements/{household}", "objection", body)
    assert answer.is_success, answer.text
    desk.calendar.day += timedelta(days=40)
    seen = await shown(desk, measure_placements)
    assert (seen["proposals_open older"], seen["objections_open"]) == (1, 1)
    assert (await shown(desk, what_stands_still))["objection_oldest_age_days"] == 40


async def test_an_endpoint_that_waits_is_shown_by_its_age_and_a_disabled_one_is_counted(desk: Any) -> None:
    path = f"/municipalities/{MUENSTER}/webhooks"
    for number in range(2):
        body = {"url": f"https://stadt.example/{number}", "contact": "it@stadt.example"}
        assert (await desk.post("muenster", path, body)).status_code == 201
    assert (await desk.post("muenster", f"/municipalities/{MUENSTER}/feed/test-events")).is_success
    await desk.run(position_and_hand_on)
    disabled = (
        "UPDATE webhook SET state = 'disabled', ending = 'by_hand' WHERE id = (SELECT max(id::text)::uuid FROM webhook)"
    )
    await desk.run(lambda work: work.connection.execute(text(disabled)))
    desk.transactions.clock.advance(timedelta(hours=30))
    seen = await shown(desk, doors_stand)
    assert seen["webhook_disabled"] == 1
    assert seen["webhook_oldest_age_seconds"] == pytest.approx(30 * 3600, abs=60)
