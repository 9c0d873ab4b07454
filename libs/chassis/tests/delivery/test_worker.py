"""Workers: steps repeat, deadlines are met once and in their transaction, a bad one holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis import worker as workers
from kfi_chassis.consumer import Unprocessable
from kfi_chassis.deadlines import Deadline
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.work import Transactions, Work
from kfi_chassis.worker import RunningWorker, Worker

pytestmark = pytest.mark.servers

ACTOR = SYSTEM("test")
TODAY = date(2026, 3, 9)
SELDOM = timedelta(minutes=5)


@dataclass
class Settings:
    database_url: str


@dataclass
class Run:
    worker: RunningWorker[Any]
    metrics: Metrics
    stop: asyncio.Event
    task: "asyncio.Task[None]"

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def start(database: Any) -> AsyncIterator[Callable[[Worker], Run]]:
    """Runs workers until the test ends."""
    database.calendar.day = TODAY
    runs: list[Run] = []

    def begin(worker: Worker) -> Run:
        metrics, stop = Metrics(), asyncio.Event()
        running = RunningWorker(worker, database.transactions, Settings(database.url), metrics)
        runs.append(Run(running, metrics, stop, asyncio.create_task(running.run(stop))))
        return runs[-1]

    yield begin
    for run in runs:
        run.stop.set()
        async with asyncio.timeout(5):
            await run.task


async def schedule(database: Any, kind: str, due_on: date, **details: str) -> Any:
    subject = uuid4()

    async def use(work: Work) -> None:
        work.deadlines.schedule(kind, subject, due_on, details)

    await database.transactions.run(use, actor=ACTOR)
    return subject


async def test_a_deadline_is_met_on_its_day_and_not_before(database: Any, start: Any) -> None:
    worker, met = Worker(), []

    @worker.on_deadline("ends")
    async def meet(deadline: Deadline, work: Work) -> None:
        met.append((deadline.subject, deadline.details))

    due = await schedule(database, "ends", TODAY, step="1")
    later = await schedule(database, "ends", TODAY + timedelta(days=1))
    start(worker)
    await eventually(lambda: met == [(due, {"step": "1"})])
    assert await database.scalar("SELECT outcome FROM deadline WHERE subject = :s", s=due) == "met"
    database.calendar.day += timedelta(days=1)
    await eventually(lambda: [subject for subject, _ in met] == [due, later])


async def test_a_deadline_is_closed_in_the_transaction_that_acts_on_it(database: Any, start: Any) -> None:
    """The first try records an effect and then fails: neither the effect nor the closing is stored."""
    worker, tries = Worker(), []

    @worker.on_deadline("ends")
    async def meet(deadline: Deadline, work: Work) -> None:
        tries.append(deadline.id)
        work.audit.add(aggregate="thing", aggregate_id=deadline.subject, version=1, action="ended")
        await work.flush()
        if len(tries) == 1:
            raise Unprocessable("not_yet")

    await schedule(database, "ends", TODAY)
    start(worker)
    await eventually(lambda: database.scalar("SELECT count(*) = 1 FROM deadline WHERE failure = 'not_yet'"))
    assert await database.scalar("SELECT count(*) FROM audit") == 0
    await database.execute("UPDATE deadline SET retry_at = now()")
    await eventually(lambda: database.scalar("SELECT count(*) = 1 FROM deadline WHERE outcome = 'met'"))
    assert await database.scalar("SELECT count(*) FROM audit") == 1


async def test_a_failing_deadline_holds_up_no_other(database: Any, start: Any) -> None:
    worker, met = Worker(), []
    bad = await schedule(database, "ends", TODAY - timedelta(days=3))
    good = await schedule(database, "ends", TODAY)

    @worker.on_deadline("ends")
    async def meet(deadline: Deadline, work: Work) -> None:
        if deadline.subject == bad:
            raise KeyError("Erika Mustermann")
        met.append(deadline.subject)

    start(worker)
    await eventually(lambda: met == [good])
    [row] = await database.rows("SELECT * FROM deadline WHERE subject = :subject", subject=bad)
    assert (row.failure, row.attempts, row.closed_at) == ("unexpected:KeyError", 1, None)


async def test_several_workers_meet_each_deadline_once(database: Any, start: Any) -> None:
    met: list[Any] = []

    def make() -> Worker:
        worker = Worker()

        @worker.on_deadline("ends")
        async def meet(deadline: Deadline, work: Work) -> None:
            met.append(deadline.subject)
            await asyncio.sleep(0)

        return worker

    subjects = {await schedule(database, "ends", TODAY) for _ in range(20)}
    for _ in range(3):
        start(make())
    await eventually(lambda: database.scalar("SELECT count(*) = 20 FROM deadline WHERE outcome = 'met'"))
    assert sorted(met, key=str) == sorted(subjects, key=str)


async def test_scheduling_again_moves_the_deadline_and_cancelling_closes_it(database: Any) -> None:
    subject = await schedule(database, "ends", TODAY)

    async def move(work: Work) -> None:
        work.deadlines.schedule("ends", subject, TODAY + timedelta(days=7))

    async def cancel(work: Work) -> None:
        work.deadlines.cancel("ends", subject)
        work.deadlines.cancel("never scheduled", subject)

    await database.transactions.run(move, actor=ACTOR)
    assert await database.scalar("SELECT due_on FROM deadline") == TODAY + timedelta(days=7)
    await database.transactions.run(cancel, actor=ACTOR)
    assert await database.scalar("SELECT outcome FROM deadline") == "cancelled"


async def test_a_step_runs_again_at_once_while_there_is_work(database: Any, start: Any) -> None:
    worker, left = Worker(), [3]

    @worker.each("work off", every=SELDOM)
    async def work_off(transactions: Transactions[Any]) -> int:
        left[0] -= 1
        return left[0]

    run = start(worker)
    await eventually(lambda: run.value("worker_done_total", worker="work off") == 3)
    assert left == [0]


async def test_a_failing_step_is_tried_again_and_ends_no_other(database: Any, start: Any) -> None:
    worker, calls = Worker(), []

    @worker.each("fails", every=timedelta(milliseconds=5))
    async def fail(transactions: Transactions[Any]) -> int:
        calls.append(1)
        raise (LookupError, asyncio.CancelledError, SystemExit)[len(calls) % 3]

    @worker.each("works", every=timedelta(milliseconds=5))
    async def do(transactions: Transactions[Any]) -> int:
        return 0

    run = start(worker)
    await eventually(lambda: run.value("worker_failures_total", worker="fails") >= 3)
    assert run.worker.progressing()


async def test_a_transaction_wakes_a_step_when_it_commits(database: Any, start: Any) -> None:
    worker, calls = Worker(), []

    @worker.each("deliver", every=SELDOM)
    async def deliver(transactions: Transactions[Any]) -> int:
        calls.append(1)
        return 0

    start(worker)
    await eventually(lambda: calls)
    listening = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'kfi-worker' AND state = 'idle'"
    await eventually(lambda: database.scalar(listening))

    async def wake(work: Work) -> None:
        work.wake("deliver")
        work.wake("nobody's step")

    before = len(calls)
    await database.transactions.run(wake, actor=ACTOR)
    await eventually(lambda: len(calls) > before)


async def test_a_stop_lets_what_is_being_done_finish(database: Any, start: Any) -> None:
    worker, inside, go_on, finished = Worker(), asyncio.Event(), asyncio.Event(), []

    @worker.each("slow", every=SELDOM)
    async def slow(transactions: Transactions[Any]) -> int:
        inside.set()
        await go_on.wait()
        finished.append(1)
        return 1

    run = start(worker)
    await inside.wait()
    run.stop.set()
    await asyncio.sleep(0)
    assert not run.task.done()
    go_on.set()
    await run.task
    assert finished == [1]


async def test_a_step_that_hangs_turns_liveness_red(database: Any, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_STUCK_SECONDS", 0.05)
    worker, go_on = Worker(), asyncio.Event()

    @worker.each("hangs", every=SELDOM)
    async def hang(transactions: Transactions[Any]) -> int:
        await go_on.wait()
        return 0

    run = start(worker)
    await eventually(lambda: not run.worker.progressing())
    go_on.set()
    await eventually(run.worker.progressing)


def test_two_steps_cannot_share_a_name() -> None:
    worker = Worker()
    worker.on_deadline("ends")(lambda deadline, work: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(ValueError, match="ends"):
        worker.on_deadline("ends")(lambda deadline, work: None)  # type: ignore[arg-type, return-value]
