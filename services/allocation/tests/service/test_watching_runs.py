"""A run under way is watched over HTTP: preview, best plan, bound and gap, the end by a planner or by the clock."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from services.allocation.tests.planning import announced, frozen, policy_in_force, solved

from kfi_allocation.domain.run_states import RunState
from kfi_allocation.use_cases import solve_run
from kfi_allocation.use_cases.solve_run import solve_next
from kfi_chassis.waiting import until

pytestmark = pytest.mark.servers
MANY = 1200
"""Households that keep a solver at work for some seconds."""


async def test_a_run_under_way_shows_its_preview_its_bound_and_its_gap_and_is_cancelled(desk: Any) -> None:
    await policy_in_force(desk)
    await announced(desk, *({"persons": 1 + number % 6} for number in range(MANY)))
    run = await frozen(desk)
    path = f"/runs/{run['id']}"
    await desk.done("planner", path, "start")
    solving = asyncio.create_task(solve_next(desk.transactions))
    seen: dict[str, Any] = {"preview": False, "steps": []}

    async def previewed() -> bool:
        seen.update((await desk.get("planner", f"{path}/progress", wait=1)).json())
        return bool(seen["preview"] and seen["steps"])

    assert await until(previewed, waiting_for="the preview", at_most_seconds=30)
    assert (seen["state"], seen["ended"]) == ("running", False)
    step = seen["steps"][-1]
    assert 0 <= float(step["bound"]) <= float(step["objective"])
    assert float(step["gap"]) == pytest.approx(1 - float(step["bound"]) / float(step["objective"]), abs=1e-6)
    preview = (await desk.get("planner", f"{path}/preview")).json()
    assert sum(town["persons"] for town in preview["towns"]) == run["persons"]
    assert (await desk.get("planner", f"{path}/plan")).status_code == 404

    cancelled = await desk.done("planner", path, "cancellation")
    assert await solving == 1
    assert (cancelled["state"], (await desk.get("planner", path)).json()["state"]) == ("cancelled", "cancelled")
    for what in ("plan", "certificate"):
        assert (await desk.get("planner", f"{path}/{what}")).status_code == 404
    assert (await desk.act("planner", path, "acceptance")).status_code == 409
    assert await desk.rows("SELECT 1 FROM outbox WHERE topic = 'allocation.plan.v1'") == []


async def test_a_plan_that_the_clock_ended_says_so_and_is_not_called_reproducible(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = solve_run._job
    monkeypatch.setattr(solve_run, "_job", lambda *given: replace(job(*given), seconds=0.01))
    await policy_in_force(desk)
    await announced(desk, *({"persons": 1 + number % 6} for number in range(MANY)))
    run = await solved(desk, await frozen(desk))
    outcome = run["outcome"]
    assert (run["state"], outcome["stopped_by"], outcome["reproducible"]) == (RunState.PROVED, "time", False)
    (told,) = await desk.rows("SELECT payload FROM outbox WHERE topic = 'allocation.plan.v1'")
    event = json.loads(bytes(told.payload))
    assert (event["stopped_by"], event["reproducible"]) == ("time", False)
    signed = (await desk.get("caseworker", f"/runs/{run['id']}/certificate")).json()["statement"]
    assert (signed["stopped_by"], signed["reproducible"]) == ("time", False)
