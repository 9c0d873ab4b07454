"""How a service says what it does by itself, and the object that does it: steps that repeat, deadlines that fall due.

    worker = Worker()

    @worker.each("deliver-letters", every=timedelta(seconds=1))
    async def letters_go_out(transactions: Transactions[MyWork]) -> int: ...        # returns how many it did

    @worker.on_deadline("remedy-period-ends")
    async def a_remedy_period_is_over(deadline: Deadline, work: MyWork) -> None: ...

    @worker.measure("letters-waiting", every=timedelta(seconds=10))
    async def letters_that_wait(transactions: Transactions[MyWork], metrics: MyMetrics) -> None: ...

Any number of processes may run the same worker: a step claims its work with `FOR UPDATE SKIP LOCKED`, and a deadline is
claimed, acted on and closed in one transaction. A failing deadline is postponed and holds up no other. Each process
measures for itself, so its gauges say the same as those of the others.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

from kfi_chassis import deadlines, logs, retention
from kfi_chassis.audit_rounds import AuditRounds
from kfi_chassis.cancellation import asked_to_end
from kfi_chassis.database import DRIVER_ERRORS, connect
from kfi_chassis.deadlines import Deadline, Missed
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.subscriptions import reason_of
from kfi_chassis.tables import WORK_CHANNEL
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

W = TypeVar("W", bound=Work)
M = TypeVar("M", bound=Metrics)
StepFunction = Callable[[Transactions[W]], Awaitable[int]]
DeadlineFunction = Callable[[Deadline, W], Awaitable[None]]
MeasureFunction = Callable[[Transactions[W], M], Awaitable[None]]
_Run = Callable[[Transactions[Any], Any], Awaitable[int]]

_LONGEST_BACKOFF_SECONDS: Final = 60.0
_STUCK_SECONDS: Final = 900.0
_PROBE_SECONDS: Final = 5.0
_LOOK_FOR_DEADLINES: Final = timedelta(seconds=1)
_PURGE: Final = timedelta(hours=1)
_MEASURE: Final = timedelta(seconds=5)


class WorkerSettings(Protocol):
    """What a running worker must be told; every ServiceSettings has it."""

    @property
    def database_url(self) -> str:
        """Where wake-ups come from."""


@dataclass
class Step:
    """One declared step, and how it stands."""

    name: str
    run: _Run
    every: timedelta
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    busy_since: float | None = None
    ended_at: float | None = None
    failures: int = 0
    """How often it failed since it last succeeded."""


class Worker:
    """What a service does by itself. Declared once per module; running it is another object's."""

    def __init__(self) -> None:
        self._steps: dict[str, tuple[_Run, timedelta]] = {}

    def each(self, name: str, *, every: timedelta) -> Callable[[StepFunction[W]], StepFunction[W]]:
        """Repeat a step: at once while it returns more than 0, else after `every` or when a transaction wakes it.

        A step that raises is tried again later, for ever; the pause doubles up to a minute.
        """

        def declare(function: StepFunction[W]) -> StepFunction[W]:
            self._declare(name, _without_metrics(function), every)
            return function

        return declare

    def on_deadline(self, kind: str) -> Callable[[DeadlineFunction[W]], DeadlineFunction[W]]:
        """Act on the deadlines of a kind from their date of law on, each in the transaction that closes it."""

        def declare(function: DeadlineFunction[W]) -> DeadlineFunction[W]:
            meet_next = _without_metrics(partial(_meet_next, kind, function))
            self._declare(f"deadline {kind}", meet_next, _LOOK_FOR_DEADLINES)
            return function

        return declare

    def measure(
        self, name: str, *, every: timedelta = _MEASURE
    ) -> Callable[[MeasureFunction[W, M]], MeasureFunction[W, M]]:
        """Set gauges of the service's own metrics (`Service.metrics_class`) again and again; nothing else wakes it."""

        def declare(function: MeasureFunction[W, M]) -> MeasureFunction[W, M]:
            self._declare(f"measure {name}", _counting_nothing(function), every)
            return function

        return declare

    def steps(self) -> list[Step]:
        """Fresh steps to run, and those every service needs."""
        declared = [Step(name, run, every) for name, (run, every) in self._steps.items()]
        return [
            *declared,
            Step("purge", _without_metrics(retention.purge), _PURGE),
            Step("measure deadlines", _counting_nothing(_measure_deadlines), _MEASURE),
            Step("verify audit", _counting_nothing(AuditRounds().turn), _MEASURE),
        ]

    def _declare(self, name: str, run: _Run, every: timedelta) -> None:
        if name in self._steps:
            raise ValueError(f"two steps are named {name}")
        self._steps[name] = (run, every)


def _without_metrics(function: StepFunction[Any]) -> _Run:
    return lambda transactions, _metrics: function(transactions)


def _counting_nothing(function: MeasureFunction[Any, Any]) -> _Run:
    async def run(transactions: Transactions[Any], metrics: Metrics) -> int:
        await function(transactions, metrics)
        return 0

    return run


async def _measure_deadlines(transactions: Transactions[Any], metrics: Metrics) -> None:
    async def read(work: Work) -> Sequence[Missed]:
        return await deadlines.missed(work.connection, work.calendar.today())

    missed = await transactions.run(read, actor=SYSTEM("worker"))
    metrics.deadline_missed.clear()
    metrics.deadline_oldest_missed_days.clear()
    for each in missed:
        metrics.deadline_missed.labels(each.kind).set(each.count)
        metrics.deadline_oldest_missed_days.labels(each.kind).set(each.days)


class RunningWorker(Generic[W]):
    """Runs a service's steps side by side in one process."""

    def __init__(
        self, worker: Worker, transactions: Transactions[W], settings: WorkerSettings, metrics: Metrics
    ) -> None:
        self._steps = {step.name: step for step in worker.steps()}
        self._transactions = transactions
        self._url = settings.database_url
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def progressing(self) -> bool:
        """False when a step's task has ended or hangs; liveness asks."""
        now = time.monotonic()
        hanging = any(s.busy_since is not None and now - s.busy_since > _STUCK_SECONDS for s in self._steps.values())
        return not hanging and not any(task.done() for task in self._tasks)

    async def details(self) -> Mapping[str, Any]:
        """What operators want to know of each step: how long ago it ended, how long it is busy, whether it fails."""
        now = time.monotonic()
        return {
            name: {
                "ended_seconds_ago": None if step.ended_at is None else round(now - step.ended_at, 1),
                "busy_for_seconds": None if step.busy_since is None else round(now - step.busy_since, 1),
                "failures_in_a_row": step.failures,
            }
            for name, step in self._steps.items()
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is being done then is finished."""
        for name in self._steps:
            self._metrics.worker_failures_total.labels(name)  # a counter born with its first count shows no rise
        async with asyncio.TaskGroup() as group:
            self._tasks = [group.create_task(self._repeat(step, stop)) for step in self._steps.values()]
            listening = group.create_task(self._listen(stop))
            await stop.wait()
            for step in self._steps.values():
                step.wake.set()
            listening.cancel()
        self._tasks = []

    async def _repeat(self, step: Step, stop: asyncio.Event) -> None:
        pause = usual = step.every.total_seconds()
        while not stop.is_set():
            step.wake.clear()
            done = await self._attempt(step)
            pause = min(max(pause, 0.1) * 2, _LONGEST_BACKOFF_SECONDS) if done is None else usual
            if not done:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await step.wake.wait()

    async def _attempt(self, step: Step) -> int | None:
        """Run a step once and tell how much it did; None when it failed."""
        step.busy_since = time.monotonic()
        try:
            done = await step.run(self._transactions, self._metrics)
        except (Exception, asyncio.CancelledError, SystemExit) as error:
            if asked_to_end():
                raise
            step.failures += 1
            self._metrics.worker_failures_total.labels(step.name).inc()
            logs.event("step_failed", level=logging.WARNING, error=error, step=step.name.replace(" ", "-"))
            return None
        finally:
            step.busy_since, step.ended_at = None, time.monotonic()
            self._metrics.worker_last_step_timestamp_seconds.labels(step.name).set_to_current_time()
        step.failures = 0
        self._metrics.worker_done_total.labels(step.name).inc(done)
        return done

    async def _listen(self, stop: asyncio.Event) -> None:
        """Wake steps as transactions ask for it. Without it, or before it, they look for themselves."""
        while not stop.is_set():
            with suppress(OSError, TimeoutError, *DRIVER_ERRORS):
                await self._listen_on_one_connection()
            await asyncio.sleep(1.0)

    async def _listen_on_one_connection(self) -> None:
        connection = await connect(self._url, name="kfi-worker")
        try:
            await connection.add_listener(WORK_CHANNEL, self._woken)
            while True:
                await asyncio.sleep(_PROBE_SECONDS)
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _woken(self, _connection: object, _process: int, _channel: str, name: str) -> None:
        step = self._steps.get(name)
        if step is not None:
            step.wake.set()


async def _meet_next(kind: str, function: DeadlineFunction[W], transactions: Transactions[W]) -> int:
    """Act on the earliest deadline that is due; 1 when there was one."""
    actor = SYSTEM("worker")
    claimed: list[Deadline] = []

    async def use(work: W) -> None:
        claimed.clear()
        deadline = await deadlines.claim(work.connection, kind, work.calendar.today())
        if deadline is not None:
            claimed.append(deadline)
            await function(deadline, work)
            await deadlines.meet(work.connection, deadline)

    try:
        await transactions.run(use, actor=actor)
    except Exception as error:
        if is_outage(error) or not claimed:
            raise
        code = reason_of(error)
        logs.event("deadline_postponed", level=logging.ERROR, error=error, kind=kind, deadline=str(claimed[0].id))
        await transactions.run(lambda work: deadlines.postpone(work.connection, claimed[0], code), actor=actor)
    return len(claimed)
