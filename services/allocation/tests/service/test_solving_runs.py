"""A queued run is solved in a process of its own, checked, signed and told; or it is marked, and nothing leaves it."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_allocation import certifying
from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.command import main
from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, FrozenInput, TownFacts, Waiting, freeze
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.run import Cause, Failure, Frozen, Run
from kfi_allocation.domain.run_states import RunState
from kfi_allocation.run_steps import SolvingRuns
from kfi_allocation.runs import Document
from kfi_allocation.use_cases.move_run import cancel_run, start_run
from kfi_allocation.use_cases.solve_run import fail_lost_runs, solve_next
from kfi_allocation.work import AllocationWork
from kfi_chassis.waiting import until

pytestmark = pytest.mark.servers
WEIGHTS = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
TOWNS = tuple(
    TownFacts(f"0591{number}000", 500, 12, frozenset({"accessible"} if number < 3 else ())) for number in range(1, 9)
)


def frozen(count: int = 14, **changes: Any) -> FrozenInput:
    """Households of one to five persons on eight towns; always the same."""
    homes = [
        Waiting(
            str(UUID(int=number)), 1 + number % 5, frozenset({"accessible"} if number % 7 == 0 else ()),
            wishes=(TOWNS[number % 8].ags,) if number % 3 == 0 else (),
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    given = {"towns": TOWNS, "households": homes, **changes}
    return freeze(Circumstances(date(2026, 3, 9), "test-1", WEIGHTS, FitWeights(30, 20), **given))


async def queued(desk: Any, given: FrozenInput, **more: Any) -> UUID:
    homes = given.instance.households
    of = Frozen(given.digest, date(2026, 3, 9), "test-1", 1, len(homes), given.instance.persons)
    run = Run.freeze(uuid4(), of, "person-a", **more)

    async def add(work: AllocationWork) -> None:
        await work.runs.add(run, given.content, [UUID(home.id) for home in homes])
        await start_run(run.id, 1, work)

    await desk.run(add)
    return run.id


async def read(desk: Any, run_id: UUID) -> Run:
    found: Run = await desk.run(lambda work: work.runs.get(run_id))
    return found


async def document(desk: Any, run_id: UUID, kind: Document) -> bytes:
    content: bytes = await desk.run(lambda work: work.runs.document(run_id, kind))
    return content


async def published(desk: Any) -> list[dict[str, Any]]:
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'allocation.plan.v1' ORDER BY position")
    return [json.loads(bytes(row.payload)) for row in rows]


async def test_a_run_ends_with_a_plan_that_was_checked_signed_and_told(desk: Any, settings: Any) -> None:
    given = frozen()
    run_id = await queued(desk, given)
    assert await solve_next(desk.transactions) == 1
    run = await read(desk, run_id)
    assert (run.state, run.lease, run.attempt) == (RunState.PROVED, None, 1)
    assert run.outcome is not None
    assert (run.outcome.status, run.outcome.reproducible) == ("optimal", True)
    assert run.outcome.gap <= Decimal("0.001")
    plan = json.loads(await document(desk, run_id, Document.PLAN))
    towns = await desk.rows("SELECT household_id, ags FROM run_household WHERE run_id = :run", run=run_id)
    assert {str(row.household_id): row.ags for row in towns} == plan["assignments"]
    assert set(json.loads(await document(desk, run_id, Document.PREVIEW))["assignments"]) == set(plan["assignments"])
    steps = await desk.run(lambda work: work.runs.progress(run_id, 0))
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0].stage == "first plan"
    (told,) = await published(desk)
    assert (told["run_id"], told["households"], told["persons"]) == (str(run_id), 14, given.instance.persons)
    assert run.certificate is not None
    assert told["signature"] == run.certificate["signature"]


async def test_what_the_service_signed_is_accepted_offline(desk: Any, settings: Any, tmp_path: Path) -> None:
    home, other = (str(UUID(int=number)) for number in (1, 2))
    orders = Orders(fixed={home: TOWNS[7].ags}, excluded={other: frozenset({TOWNS[0].ags})})
    given = frozen(orders=orders)
    run_id = await queued(desk, given)
    await solve_next(desk.transactions)
    run = await read(desk, run_id)
    files = {
        "instance.json": json.dumps(json.loads(given.content)["instance"]),
        "plan.json": (await document(desk, run_id, Document.PLAN)).decode(),
        "certificate.json": json.dumps(run.certificate),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    keys = keys_in(settings.certificate_keys)
    words = [str(tmp_path / name) for name in files] + ["--keys", str(settings.certificate_keys)]
    assert main(["certificate", "audit", *words, "--public-key", keys.public_key]) == 0


async def test_the_same_input_started_again_gives_the_same_plan(desk: Any) -> None:
    first, second = [await queued(desk, frozen()) for _ in range(2)]
    assert [await solve_next(desk.transactions) for _ in range(3)] == [1, 1, 0]
    plans = [await document(desk, run_id, Document.PLAN) for run_id in (first, second)]
    assert plans[0] == plans[1]


async def test_the_next_solver_is_loaded_before_a_run_waits_for_it(desk: Any) -> None:
    runs, before = SolvingRuns(settled_after=0), _children()
    assert await runs.turn(desk.transactions) == 0
    (ready,) = _children() - before
    run_id = await queued(desk, frozen())
    assert await runs.turn(desk.transactions) == 1
    assert (await read(desk, run_id)).state is RunState.PROVED
    (following,) = _children() - before
    assert following != ready
    os.kill(following, signal.SIGKILL)


async def test_a_run_in_which_nothing_fits_names_the_rules_and_tells_nobody(desk: Any) -> None:
    towns = [TownFacts(TOWNS[0].ags, 100, 4, frozenset()), TownFacts(TOWNS[1].ags, 100, 4, frozenset())]
    homes = [Waiting(str(UUID(int=number)), 3) for number in range(1, 4)]
    run_id = await queued(desk, frozen(towns=towns, households=homes))
    await solve_next(desk.transactions)
    run = await read(desk, run_id)
    assert (run.state, run.certificate) == (RunState.INFEASIBLE, None)
    (rule,) = json.loads(await document(desk, run_id, Document.PLAN))["conflict"]
    assert (rule["relax_by"], rule["approved_by"]) == (2, "the municipality")
    assert await published(desk) == []


async def test_a_repair_starts_from_the_places_so_far(desk: Any) -> None:
    kept = {str(UUID(int=number)): TOWNS[number % 8].ags for number in range(1, 15)}
    kept[str(UUID(int=14))] = kept[str(UUID(int=7))] = TOWNS[0].ags
    away = str(UUID(int=2))
    given = frozen(kept=kept, orders=Orders(excluded={away: frozenset({kept[away]})}))
    run_id = await queued(desk, given, repairs=None, causes=(Cause.OBJECTION_UPHELD,))
    await solve_next(desk.transactions)
    assert (await read(desk, run_id)).state is RunState.PROVED
    plan = json.loads(await document(desk, run_id, Document.PLAN))
    assert [move["household"] for move in plan["repair"]["moves"]] == [away]


class Hindered:
    """Lets something happen at the beats of a solver."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        real = certifying.checked

        def checked(*arguments: Any) -> Any:
            asyncio.run_coroutine_threadsafe(act(), self.loop).result()
            return real(*arguments)

        self.loop = asyncio.get_running_loop()
        monkeypatch.setattr("kfi_allocation.use_cases.solve_run.checked", checked)


async def test_of_a_cancelled_run_no_plan_is_left(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = await queued(desk, frozen())

    async def cancel() -> None:
        await desk.run(lambda work: cancel_run(run_id, 3, work))

    Hindered(monkeypatch, cancel)
    await solve_next(desk.transactions)
    assert (await read(desk, run_id)).state is RunState.CANCELLED
    assert await desk.rows("SELECT 1 FROM run_document WHERE kind = 'plan'") == []
    assert await published(desk) == []


async def test_a_solver_at_work_is_ended_when_its_run_is_cancelled(desk: Any) -> None:
    run_id = await queued(desk, frozen(1500))
    before = _children()
    solving = asyncio.create_task(solve_next(desk.transactions))
    await _until(lambda: _solvers(before))
    await desk.run(lambda work: cancel_run(run_id, 3, work))
    await solving
    assert _children() == before
    assert (await read(desk, run_id)).state is RunState.CANCELLED


async def test_a_killed_solver_marks_its_run_which_can_be_started_again(desk: Any) -> None:
    run_id = await queued(desk, frozen(1500))
    before = _children()
    solving = asyncio.create_task(solve_next(desk.transactions))
    await _until(lambda: _solvers(before))
    for solver in _children() - before:
        os.kill(solver, signal.SIGKILL)
    await solving
    run = await read(desk, run_id)
    assert (run.state, run.failure) == (RunState.FAILED, Failure.SOLVER_KILLED)
    assert await published(desk) == []
    await desk.run(lambda work: start_run(run_id, run.version, work))
    assert (await read(desk, run_id)).state is RunState.QUEUED


async def test_a_run_whose_worker_died_is_marked_and_its_late_plan_is_not_stored(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await queued(desk, frozen())

    async def lose() -> None:
        desk.transactions.clock.advance(timedelta(minutes=5))
        assert await desk.run(fail_lost_runs) == 1

    Hindered(monkeypatch, lose)
    await solve_next(desk.transactions)
    run = await read(desk, run_id)
    assert (run.state, run.failure, run.lease) == (RunState.FAILED, Failure.WORKER_LOST, None)
    assert await desk.rows("SELECT 1 FROM run_document WHERE kind = 'plan'") == []
    assert await published(desk) == []
    monkeypatch.undo()
    await desk.run(lambda work: start_run(run_id, run.version, work))
    await solve_next(desk.transactions)
    assert ((await read(desk, run_id)).state, (await read(desk, run_id)).attempt) == (RunState.PROVED, 2)
    assert len(await published(desk)) == 1


async def test_a_plan_that_does_not_hold_is_never_stored(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = await queued(desk, frozen())
    real = certifying.checked

    def forged(given: FrozenInput, plan: bytes, keys: Any) -> Any:
        document = json.loads(plan)
        return real(given, json.dumps(document | {"objective": document["objective"] - 1}).encode(), keys)

    monkeypatch.setattr("kfi_allocation.use_cases.solve_run.checked", forged)
    await solve_next(desk.transactions)
    run = await read(desk, run_id)
    assert (run.state, run.failure) == (RunState.FAILED, Failure.PLAN_NOT_SOUND)
    assert await desk.rows("SELECT 1 FROM run_document WHERE kind = 'plan'") == []


async def test_two_workers_never_solve_the_same_run(desk: Any) -> None:
    run_id = await queued(desk, frozen())
    assert sorted(await asyncio.gather(*(solve_next(desk.transactions) for _ in range(3)))) == [0, 0, 1]
    assert (await read(desk, run_id)).attempt == 1


async def test_what_a_run_is_about_lies_encrypted(desk: Any) -> None:
    run_id = await queued(desk, frozen())
    (row,) = await desk.rows("SELECT content FROM run_document WHERE run_id = :run", run=run_id)
    assert b"accessible" not in bytes(row.content)
    assert b"accessible" in await document(desk, run_id, Document.INPUT)


def _children() -> set[int]:
    return {int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()}


def _solvers(before: set[int]) -> bool:
    return bool(_children() - before)


async def _until(happened: Callable[[], bool]) -> None:
    async def asked() -> bool:
        return happened()

    assert await until(asked, waiting_for="the solver", at_most_seconds=20)
