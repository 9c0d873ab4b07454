"""The solver as a process: it tells what it does, ends when nobody wants its plan, and dies without leaving one."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from services.allocation.tests.instances import document, home, town

from kfi_allocation.solver_process import ProgressLine, ReadySolver, SolverDied, SolverJob, SolverStopped, solve
from kfi_allocation.synthetic import generate
from kfi_chassis.waiting import until

ORDERS: dict[str, Any] = {"format": "kfi-allocation-orders/1", "fixed": {}, "excluded": {}}
SMALL = document([town("010", 3), town("020", 1)], [home("H1", 3), home("H2")])


DYING = """
import asyncio, os
from kfi_allocation.solver_process import started

async def die():
    print((await started()).pid, flush=True)
    os._exit(9)

asyncio.run(die())
"""


def job(instance: dict[str, Any], earlier: dict[str, str] | None = None, **orders: Any) -> SolverJob:
    return SolverJob(instance, ORDERS | orders, earlier, seed=1, seconds=60)


class Watch:
    """Keeps what it is told; `enough` says when it wants no more."""

    def __init__(self, enough: int | None = None) -> None:
        self.lines: list[ProgressLine] = []
        self.previews: list[bytes] = []
        self.enough = enough

    async def told(self, lines: Sequence[ProgressLine], preview: bytes | None) -> bool:
        self.lines += lines
        self.previews += [preview] if preview else []
        return self.enough is None or len(self.previews) < self.enough


async def test_the_preview_comes_first_and_then_the_proven_plan() -> None:
    watch = Watch()
    plan = json.loads(await solve(job(SMALL, fixed={"H2": "010"}), watch.told))
    assert (plan["status"], plan["assignments"]["H2"]) == ("optimal", "010")
    assert [line.stage for line in watch.lines][:1] == ["first plan"]
    assert len(watch.previews) == 1
    assert set(json.loads(watch.previews[0])["assignments"]) == {"H1", "H2"}


async def test_of_the_preview_is_told_at_once_and_not_at_the_next_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfi_allocation.solver_process.BEAT_SECONDS", 60)
    watch = Watch(enough=1)
    with pytest.raises(SolverStopped):
        await solve(job(generate(2000, "plain")), watch.told)
    assert [line.stage for line in watch.lines] == ["first plan"]


async def test_a_solver_that_was_ready_makes_the_same_plan_and_is_used_once() -> None:
    cold = await solve(job(generate(60, "plain")), Watch().told)
    ready, before = ReadySolver(), _children()
    await ready.keep()
    await ready.keep()
    (waiting,) = _children() - before
    used: set[int] = set()

    async def look(_lines: Sequence[ProgressLine], _preview: bytes | None) -> bool:
        used.update(_children() - before)
        return True

    assert await solve(job(generate(60, "plain")), look, ready.take) == cold
    assert (used, _children()) == ({waiting}, before)
    assert await solve(job(generate(60, "plain")), look, ready.take) == cold
    assert len(used) == 2


async def test_instead_of_a_solver_that_died_waiting_another_one_is_started() -> None:
    ready, before = ReadySolver(), _children()
    await ready.keep()
    (waiting,) = _children() - before
    os.kill(waiting, signal.SIGKILL)

    async def noticed() -> bool:
        return waiting not in _children()

    assert await until(noticed, waiting_for="the end of the solver", at_most_seconds=10)
    assert json.loads(await solve(job(SMALL), Watch().told, ready.take))["status"] == "optimal"


async def test_a_solver_that_waits_ends_with_whoever_started_it() -> None:
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, stdout=asyncio.subprocess.PIPE)
    told, _ = await starter.communicate()
    assert await until(lambda: _gone(int(told)), waiting_for="the end of the solver", at_most_seconds=20)


async def test_what_cannot_be_placed_is_a_plan_file_that_names_the_rules() -> None:
    plan = json.loads(await solve(job(document([town("010", capacity=1)], [home("H1", 3)])), Watch().told))
    assert (plan["status"], [rule["rule"] for rule in plan["conflict"]]) == ("infeasible", ["capacity 010"])


async def test_a_repair_is_told_who_lived_where() -> None:
    plan = json.loads(await solve(job(SMALL, {"H1": "010", "H2": "020"}, excluded={"H2": ["020"]}), Watch().told))
    assert [move["household"] for move in plan["repair"]["moves"]] == ["H2"]


async def test_nobody_waits_for_a_solver_that_nobody_wants() -> None:
    async def stop(_lines: Sequence[ProgressLine], _preview: bytes | None) -> bool:
        return False

    before = _children()
    with pytest.raises(SolverStopped):
        await solve(job(generate(2000, "plain")), stop)
    assert _children() == before


async def test_a_killed_solver_leaves_no_plan() -> None:
    before = _children()

    async def kill(_lines: Sequence[ProgressLine], _preview: bytes | None) -> bool:
        for child in _children() - before:
            os.kill(child, signal.SIGKILL)
        return True

    with pytest.raises(SolverDied) as told:
        await solve(job(generate(2000, "plain")), kill)
    assert told.value.killed


async def test_what_the_solver_cannot_read_is_told() -> None:
    with pytest.raises(SolverDied) as told:
        await solve(job(SMALL | {"households": [home("H1", 40)]}), Watch().told)
    assert not told.value.killed
    assert told.value.said[0].startswith("households[0].persons")


async def test_the_solver_sees_no_setting_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFI_DATABASE_URL", "secret")
    seen: list[str] = []
    before = _children()

    async def look(_lines: Sequence[ProgressLine], _preview: bytes | None) -> bool:
        seen.extend([await asyncio.to_thread(_environment_of, child) for child in _children() - before])
        return False

    with pytest.raises(SolverStopped):
        await solve(job(generate(2000, "plain")), look)
    assert seen
    assert all("secret" not in one for one in seen)


async def _gone(process: int) -> bool:
    try:
        state = await asyncio.to_thread(Path(f"/proc/{process}/stat").read_text, "ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def _children() -> set[int]:
    return {int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()}


def _environment_of(process: int) -> str:
    return Path(f"/proc/{process}/environ").read_text("utf-8")
