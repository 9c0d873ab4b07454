"""The stage of the outage tests: servers that can be frozen and killed, a producing and a consuming service, load."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.identity import SYSTEM
from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import Happened
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

SUBJECTS = [uuid4() for _ in range(12)]


@dataclass
class Server:
    """One server process that can be frozen, thawed, killed and started again."""

    supervisor: Any
    make_program: Callable[[], Any]
    running: Any = None

    def start(self) -> None:
        self.running = self.supervisor.start(self.make_program())

    def kill(self) -> None:
        self.running.kill()
        self.supervisor.forget(self.running)

    def freeze(self) -> None:
        for process in self._family():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def _family(self) -> list[int]:
        """The server and its children; PostgreSQL has one per connection, each in a session of its own."""
        children = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children").read_text()
        return [self.running.pid, *map(int, children.split())]


@dataclass
class Stage:
    """A producing service with its relay and a consuming one, on one database, with a count of what went in."""

    transactions: Transactions[Any]
    relay: Relay
    member: RunningConsumer[Any]
    event: type[Happened]
    assignments: list[int]
    recorded: int = 0

    async def record(self) -> None:
        """One event for each subject, in one transaction.

        A commit the server never answered may have been stored all the same; then the sequence is taken.
        """
        number = self.recorded + 1

        async def use(work: Work) -> None:
            for subject in SUBJECTS:
                work.outbox.add(self.event(subject_id=subject, number=number), sequence=number)

        with contextlib.suppress(IntegrityError):
            await self.transactions.run(use, actor=SYSTEM("test"))
        self.recorded = number

    async def effects(self) -> dict[UUID, list[int]]:
        async with self.transactions.engine.connect() as connection:
            rows = (await connection.execute(text("SELECT subject, number FROM effect ORDER BY place"))).all()
        return {subject: [row.number for row in rows if row.subject == subject] for subject in SUBJECTS}

    async def settled(self) -> bool:
        return all(numbers[-1:] == [self.recorded] for numbers in (await self.effects()).values())

    async def check(self) -> None:
        """Everything recorded had its effect once and in order, and every record is accounted for."""
        await eventually(self.settled, within=30)
        assert await self.effects() == {subject: list(range(1, self.recorded + 1)) for subject in SUBJECTS}
        await eventually(self.member._idle.is_set)
        self.member.accounts.check()
        assert self.member.accounts.total(Outcome.PARKED) == 0
        assert self.member.progressing()
        assert self.relay.progressing()


def consumer_of(event: type[Happened]) -> Consumer:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on_batch(event)
    async def note(events: Sequence[Happened], work: Work) -> None:
        statement = "INSERT INTO effect (subject, number) SELECT * FROM unnest(CAST(:s AS uuid[]), CAST(:n AS int[]))"
        values = {"s": [happened.subject_id for happened in events], "n": [happened.number for happened in events]}
        await work.connection.execute(text(statement), values)

    return consumer


async def under_load(stage: Stage, outage: Callable[[], Any], *, recording: bool) -> None:
    """Record all the time, let the outage happen in the middle, and record on after it."""
    await stage.record()
    await eventually(stage.settled, within=20)
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            try:
                await stage.record()
            except Exception as error:
                if recording or not is_outage(error):
                    raise
            await asyncio.sleep(0.01)

    loading = asyncio.create_task(load())
    await eventually(lambda: stage.recorded > 5)
    await outage()
    after = stage.recorded
    await eventually(lambda: stage.recorded > after + 5, within=20)
    stop.set()
    await loading


async def attempts(stage: Stage, count: int) -> AsyncIterator[Exception]:
    """What a caller of the service is told meanwhile."""
    for _ in range(count):
        try:
            await stage.record()
        except Exception as error:  # noqa: BLE001 - the caller looks at it
            yield error
