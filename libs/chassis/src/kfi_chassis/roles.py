"""The roles of a process besides its API: each waits for the database, works, and finishes what it has in flight."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from kfi_chassis.health import Health
from kfi_chassis.shutdown import Part
from kfi_chassis.waiting import until


class Runner(Protocol):
    """The running side of a role: the consumer, the relay, the workers."""

    async def start(self) -> None:
        """Begin to work; waits by itself for a broker that is away, and ends that wait when it is cancelled."""

    async def stop(self) -> None:
        """Finish what is in flight and end."""

    def is_progressing(self) -> bool:
        """Whether its tasks are alive and move on; false means the process must be restarted."""

    async def details(self) -> Mapping[str, Any]:
        """Ages, counts and lag, for operators; no content."""


def runner_part(name: str, runner: Runner, health: Health, database_ready: Callable[[], Awaitable[bool]]) -> Part:
    """The part of a process that runs a role: not before the database has its schema, and watched while it runs."""

    async def part(stop: asyncio.Event) -> None:
        if not await until(database_ready, waiting_for=f"the database, for the {name}", stop=stop):
            return
        health.watch(name, runner.is_progressing)
        health.describe(name, runner.details)
        if await _started(runner, stop):
            await stop.wait()
        await runner.stop()

    return part


async def _started(runner: Runner, stop: asyncio.Event) -> bool:
    """Start, unless the process is told to stop first: a broker that is away must not hold it up."""
    starting, stopping = asyncio.create_task(runner.start()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return False
        await starting
        return True
    finally:
        starting.cancel()
        stopping.cancel()
        await asyncio.wait({starting, stopping})
