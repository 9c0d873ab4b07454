"""Whatever lies on a topic: every record comes to its end with its reason, no partition stands still."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from tests.harness.bus import Bus, balanced, ended, until
from tests.harness.flood import Flood, Spot
from tests.harness.fuzz_ends import by_kind, ends_are_right, lines_of_trouble
from tests.harness.fuzz_records import Made, Stream
from tests.harness.fuzz_values import seeded
from tests.harness.office import Office
from tests.harness.size import size

from kfi_contracts.topics import ALL_TOPICS, Topic
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
RECORDS = size(short=1_500, nightly=440_000)
UNREAD = size(short=200, nightly=20_000)
AT_ONCE = 10_000
log = logging.getLogger(__name__)


async def test_every_record_of_every_topic_is_accounted_for(bus: Bus, platform: Platform) -> None:
    chance = seeded()
    seeds = {topic.name: chance.randrange(2**32) for topic in ALL_TOPICS}
    streams = [
        Reading(topic, reader, bus, platform, Random(seeds[topic.name]))  # noqa: S311 - no secret
        for topic in ALL_TOPICS for reader in topic.readers
    ]  # fmt: skip
    await asyncio.gather(*(stream.read(RECORDS) for stream in streams))


async def test_what_lies_on_a_topic_nobody_reads_yet_troubles_nobody(platform: Platform) -> None:
    chance = seeded()
    for topic in (topic for topic in ALL_TOPICS if not topic.readers):
        made = islice(Stream(topic, chance), UNREAD)
        async with Flood(platform, topic.senders[0], topic.name) as flood:
            await flood.send([one.record for one in made], chance)


async def test_afterwards_work_goes_on(office: Office) -> None:
    case = await office.sent()
    await office.announced(case)


@dataclass
class Reading:
    """One reader of one topic, while strange records come."""

    topic: Topic
    reader: str
    bus: Bus
    platform: Platform
    chance: Random
    sent: Counter[str] = field(default_factory=Counter)

    async def read(self, count: int) -> None:
        stream, began, since = iter(Stream(self.topic, self.chance)), monotonic(), self.journal.stat().st_size
        async with Flood(self.platform, self.topic.senders[0], self.topic.name) as flood:
            while self.sent.total() < count:
                made = list(islice(stream, min(AT_ONCE, count - self.sent.total())))
                await self.sent_and_accounted_for(made, flood)
                self.sent += by_kind(made)
                rate = self.sent.total() / (monotonic() - began)
                log.warning("%s: %d records, %.0f/s", self.topic.name, self.sent.total(), rate)
        assert lines_of_trouble(self.journal, since) == []

    @property
    def journal(self) -> Path:
        return self.platform.folder / "logs" / f"{self.reader}-1.log"

    async def sent_and_accounted_for(self, made: list[Made], flood: Flood) -> None:
        before = await self.totals()
        (last,) = await self.bus.rows(self.reader, "SELECT coalesce(max(number), 0) AS number FROM dead_letter")
        placed = await flood.send([one.record for one in made], self.chance)
        await self.reached(placed)
        reasons = await self.put_away(last["number"], placed)
        ends_are_right(self.reader, made, placed, reasons)
        await self.handled_are_noted(made)
        counted = await self.totals() - before
        assert balanced(counted)
        assert ended(counted) >= len(made)
        assert counted["parked"] >= len(reasons)

    async def reached(self, placed: dict[Spot, int]) -> None:
        """Wait for the group's offsets; patient as long as it goes on."""
        wanted: dict[int, int] = {}
        for partition, offset in placed:
            wanted[partition] = max(offset + 1, wanted.get(partition, 0))
        while not await self.committed_all(wanted):
            done = ended(await self.totals())
            await until(partial(self.further_than, done, wanted), f"{self.reader} goes on with {self.topic.name}")

    async def committed_all(self, wanted: dict[int, int]) -> bool:
        committed = await self.bus.committed(self.reader, self.topic.name)
        return all(committed.get((self.topic.name, number), 0) >= offset for number, offset in wanted.items())

    async def further_than(self, done: int, wanted: dict[int, int]) -> bool:
        return ended(await self.totals()) > done or await self.committed_all(wanted)

    async def totals(self) -> Counter[str]:
        """The accounts of all partitions together."""
        accounts = (await self.bus.accounts(self.reader)).items()
        return sum((account for (name, _), account in accounts if name == self.topic.name), Counter[str]())

    async def put_away(self, number: int, placed: dict[Spot, int]) -> dict[Spot, str]:
        """The reasons of those that were parked; their letters are discarded, so that they do not pile up."""
        query = 'DELETE FROM dead_letter WHERE number > $1 AND topic = $2 RETURNING partition, "offset", reason'
        rows = await self.bus.rows(self.reader, query, number, self.topic.name)
        reasons = {(row["partition"], row["offset"]): row["reason"] for row in rows}
        return {spot: reason for spot, reason in reasons.items() if spot in placed}

    async def handled_are_noted(self, made: list[Made]) -> None:
        ids: list[Any] = [UUID(one.base.id) for one in made if one.end == "handled"]
        query = "SELECT count(*) FROM inbox WHERE event_id = ANY($1)"
        ((noted,),) = await self.bus.rows(self.reader, query, ids)
        assert noted == len(ids)
