"""How a process ends: readiness red first, then requests and batches in flight are finished, then it is gone.

SIGTERM or SIGINT begins it; a second signal cancels what is still running.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from kfi_chassis import logs
from kfi_chassis.health import Health

UNWIND_SECONDS: Final = 2.0

Part = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""One part of a process: runs until the event is set, finishes what it has in flight, and returns."""


class Shutdown:
    """The signals of a process, and the event its parts wait for."""

    def __init__(self, health: Health, *, drain_seconds: float, grace_seconds: float) -> None:
        self.stop = asyncio.Event()
        self._health = health
        self._drain_seconds = drain_seconds
        self._grace_seconds = grace_seconds
        self._asked = asyncio.Event()
        self._cancelled = asyncio.Event()

    def listen(self) -> None:
        """Take over SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.ask)

    def ask(self) -> None:
        """Begin to stop; asked again, cancel."""
        (self._cancelled if self._asked.is_set() else self._asked).set()

    async def run(self, parts: Sequence[Part]) -> bool:
        """Run the parts until asked to stop; true when all of them finished within the grace period.

        When a part fails, the others are cancelled and its error is raised: better no process than half a one.
        """
        everything = asyncio.create_task(_together(parts, self.stop))
        ending = asyncio.create_task(self._drained())
        try:
            await asyncio.wait({everything, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not everything.done():
                await self._within_grace(everything)
            return await _ended(everything)
        finally:
            ending.cancel()

    async def _drained(self) -> None:
        await self._asked.wait()
        self._health.draining = True
        logs.event("stopping", drain_seconds=self._drain_seconds, grace_seconds=self._grace_seconds)
        await _first(self._cancelled.wait(), asyncio.sleep(self._drain_seconds))
        self.stop.set()

    async def _within_grace(self, everything: "asyncio.Task[None]") -> None:
        await _first(asyncio.wait({everything}), self._cancelled.wait(), asyncio.sleep(self._grace_seconds))
        if not everything.done():
            logs.event("cancelled_at_stop", level=logging.WARNING, asked_twice=self._cancelled.is_set())
            everything.cancel()


async def _together(parts: Sequence[Part], stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part(stop))


async def _ended(everything: "asyncio.Task[None]") -> bool:
    """Whether all parts finished. What does not even end when it is cancelled is not waited for."""
    await asyncio.wait({everything}, timeout=UNWIND_SECONDS if everything.cancelling() else None)
    if not everything.done():
        return False
    try:
        await everything
    except asyncio.CancelledError:
        return False
    return True


async def _first(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
