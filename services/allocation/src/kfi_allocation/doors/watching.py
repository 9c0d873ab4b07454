"""Lets requests wait for news of a feed without holding a connection: one question for all that wait in a process."""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from typing import Final

from kfi_allocation.doors.feed import Feeds
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions

_LOOK_SECONDS: Final = 0.25
_SELF: Final = SYSTEM("feed")


class FeedWatch:
    """Asks the database every quarter of a second, while anybody waits, which of the awaited feeds have grown."""

    def __init__(self, transactions: Transactions[AllocationWork]) -> None:
        self.transactions = transactions
        self._waiting: dict[str, dict[asyncio.Event, int]] = defaultdict(dict)
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, ags: str, position: int, seconds: float) -> None:
        """Return when the feed goes on after the position, or when the time is over, or when nobody can tell."""
        came = asyncio.Event()
        self._waiting[ags][came] = position
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await came.wait()
        finally:
            self._waiting[ags].pop(came, None)
            if not self._waiting[ags]:
                del self._waiting[ags]

    async def _look(self) -> None:
        try:
            while self._waiting:
                began = time.monotonic()
                self._wake(await self.transactions.run(self._grown, actor=_SELF))
                await asyncio.sleep(max(0.0, _LOOK_SECONDS - (time.monotonic() - began)))
        finally:
            # whoever still waits reads for itself, and hears of an outage there
            for waiting in self._waiting.values():
                for came in waiting:
                    came.set()

    async def _grown(self, work: AllocationWork) -> set[str]:
        seen = {ags: min(waiting.values()) for ags, waiting in self._waiting.items() if waiting}
        return await Feeds(work).grown(seen) if seen else set()

    def _wake(self, grown: set[str]) -> None:
        for ags in grown:
            for came in self._waiting.get(ags, ()):
                came.set()
