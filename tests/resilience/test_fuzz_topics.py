"""Whatever lies on a topic: every record comes to its end with its reason, no partition stands still."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain, islice
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from tests.harness.bus import Bus, ended
from tests.harness.flood import Flood
from tests.harness.fuzz_ends import by_kind, ends_are_right, lines_of_trouble
from tests.harness.fuzz_letters import put_away
from tests.harness.fuzz_records import Made, Stream
from tests.harness.fuzz_values import seeded
from tests.harness.office import Office
from tests.harness.reader import Reader
from tests.harness.size import size

from kfi_contracts.topics import ALL_TOPICS, Topic
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
READ = [(topic, service) for topic in ALL_TOPICS for service in topic.readers]
RECORDS = size(short=4_500, nightly=900_000)
AT_ONCE = size(short=RECORDS // len(READ), nightly=10_000)
UNREAD = size(short=200, nightly=20_000)
FAR_OFF = timedelta(days=365)
log = logging.getLogger(__name__)


async def test_every_record_of_every_topic_is_accounted_for(bus: Bus, platform: Platform) -> None:
    """Each reader gets a portion, and whoever is through with one the next: some read faster than others.

    A topic gets one portion at a time, and the next once all its readers are through: else the slowest falls behind.
    """
    chance, portions = seeded(), iter([AT_ONCE] * (RECORDS // AT_ONCE - len(READ)))
    readers = {topic: [Reader(name, topic.name, bus, platform) for name in topic.readers] for topic, _ in READ}
    turns = {topic: asyncio.Lock() for topic in readers}
    try:
        async with asyncio.TaskGroup() as group:
            for topic, service in READ:
                own = Random(chance.randrange(2**32))  # noqa: S311 - no secret
                all_of_it = sorted(readers[topic], key=lambda reader: reader.service != service)
                group.create_task(flooded(topic, all_of_it, own, turns[topic], chain([AT_ONCE], portions)))
    finally:
        await orders_nobody_can_open_are_put_away(bus, platform)


async def test_what_lies_on_a_topic_nobody_reads_yet_troubles_nobody(platform: Platform) -> None:
    chance = seeded()
    for topic in (topic for topic in ALL_TOPICS if not topic.readers):
        made = islice(Stream(topic, chance), UNREAD)
        async with Flood(platform, topic.senders[0], topic.name) as flood:
            await flood.send([one.record for one in made], chance)


async def test_afterwards_work_goes_on(office: Office) -> None:
    case = await office.sent()
    await office.announced(case)


async def orders_nobody_can_open_are_put_away(bus: Bus, platform: Platform) -> None:
    """Nor whose day never comes. Else they are tried again and again while other tests measure."""
    await put_away(bus, "obstacle = 'sealing_key_unknown' OR not_before > $1", platform.calendar.today() + FAR_OFF)


async def flooded(
    topic: Topic, readers: Sequence[Reader], chance: Random, turn: asyncio.Lock, portions: Iterator[int]
) -> None:
    """Floods the first reader; the others read along."""
    reader, *_ = readers
    stream, sent = iter(Stream(topic, chance, reader.service)), Counter[str]()
    began, since = monotonic(), reader.journal.stat().st_size
    async with Flood(reader.platform, topic.senders[0], topic.name) as flood:
        for portion in portions:
            made = list(islice(stream, portion))
            async with turn:
                await sent_and_accounted_for(made, flood, readers, chance)
            sent += by_kind(made)
            log.warning("%s: %d records, %.0f/s", topic.name, sent.total(), sent.total() / (monotonic() - began))
    assert lines_of_trouble(reader.journal, since) == []


async def sent_and_accounted_for(made: list[Made], flood: Flood, readers: Sequence[Reader], chance: Random) -> None:
    reader, *_ = readers
    before, last = await reader.settled(), [await one.last_letter() for one in readers]
    placed = await flood.send([one.record for one in made], chance)
    for one in readers:
        await one.reached(placed)
    counted = await reader.settled() - before
    parked, *_ = [await one.put_away(since) for one, since in zip(readers, last, strict=True)]
    reasons = {spot: reason for spot, reason in parked.items() if spot in placed}
    ends_are_right(reader.service, made, placed, reasons)
    assert ended(counted) >= len(made)
    assert counted["parked"] >= len(reasons)
    ids: list[Any] = [UUID(one.base.id) for one in made if one.end == "handled"]
    query = "SELECT count(*) FROM inbox WHERE event_id = ANY($1)"
    ((noted,),) = await reader.bus.rows(reader.service, query, ids)
    assert noted == len(ids)
