"""One reader of one topic, seen from outside while records come faster than it reads."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kfi_stack.running_platform import Platform

from .bus import Bus, balanced, until, until_read
from .flood import Spot

LOOK_AGAIN_AFTER_SECONDS = 0.2
"""Seldom, because looking takes the processor from the services."""


@dataclass(frozen=True)
class Reader:
    """A service, and the topic it takes in."""

    service: str
    topic: str
    bus: Bus
    platform: Platform

    @property
    def journal(self) -> Path:
        """The log of the service."""
        return self.platform.folder / "logs" / f"{self.service}-1.log"

    async def reached(self, spots: Iterable[Spot]) -> None:
        """Wait until all of these are committed, for as long as the reader goes on, with this topic or another."""
        wanted: dict[int, int] = {}
        for partition, offset in spots:
            wanted[partition] = max(offset + 1, wanted.get(partition, 0))
        done = await self.bus.committed_altogether(self.service)  # before the rest is looked at, which may be the last
        while rest := await self._rest(wanted):
            more, what = partial(self._more_than, done), f"{self.service} reads {rest} more of {self.topic}"
            done = await until_read(self.bus, self.service, more, what)

    async def settled(self) -> Counter[str]:
        """The accounts of all partitions together, at a moment at which no batch is in flight and all add up."""
        (found,) = await until(self._balanced, f"the accounts of {self.service} for {self.topic} add up")
        return Counter(found)

    async def last_letter(self) -> int:
        """The number of the last record that was parked."""
        (row,) = await self.bus.rows(self.service, "SELECT coalesce(max(number), 0) AS number FROM dead_letter")
        return int(row["number"])

    async def put_away(self, since: int) -> dict[Spot, str]:
        """The reasons of what was parked after that letter; its letters are discarded, so that they do not pile up."""
        query = 'DELETE FROM dead_letter WHERE number > $1 AND topic = $2 RETURNING partition, "offset", reason'
        rows = await self.bus.rows(self.service, query, since, self.topic)
        return {(row["partition"], row["offset"]): row["reason"] for row in rows}

    async def _rest(self, wanted: dict[int, int]) -> int:
        committed = await self.bus.committed(self.service, self.topic)
        return sum(max(0, end - committed.get((self.topic, number), 0)) for number, end in wanted.items())

    async def _more_than(self, done: int) -> int:
        await asyncio.sleep(LOOK_AGAIN_AFTER_SECONDS)
        now = await self.bus.committed_altogether(self.service)
        return now if now > done else 0

    async def _balanced(self) -> list[Counter[str]]:
        totals = await self._totals()
        return [totals] if balanced(totals) else []

    async def _totals(self) -> Counter[str]:
        accounts = (await self.bus.accounts(self.service)).items()
        return sum((account for (name, _), account in accounts if name == self.topic), Counter[str]())
