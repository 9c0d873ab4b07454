"""Whatever lies on a topic: every record comes to its end with its reason, no partition stands still."""

import asyncio
import logging
from collections import Counter
from itertools import islice
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from tests.harness.bus import Bus, ended
from tests.harness.flood import Flood
from tests.harness.fuzz_ends import by_kind, ends_are_right, lines_of_trouble
from tests.harness.fuzz_records import Made, Stream
from tests.harness.fuzz_values import seeded
from tests.harness.office import Office
from tests.harness.reader import Reader
from tests.harness.size import size

from kfi_contracts.topics import ALL_TOPICS, Topic
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
READ = [(topic, service) for topic in ALL_TOPICS for service in topic.readers]
RECORDS = size(short=4_500, nightly=900_000) // len(READ)
UNREAD = size(short=200, nightly=20_000)
AT_ONCE = 10_000
log = logging.getLogger(__name__)


async def test_every_record_of_every_topic_is_accounted_for(bus: Bus, platform: Platform) -> None:
    chance = seeded()
    async with asyncio.TaskGroup() as group:
        for topic, service in READ:
            reader = Reader(service, topic.name, bus, platform)
            group.create_task(flooded(topic, reader, Random(chance.randrange(2**32))))  # noqa: S311 - no secret


async def test_what_lies_on_a_topic_nobody_reads_yet_troubles_nobody(platform: Platform) -> None:
    chance = seeded()
    for topic in (topic for topic in ALL_TOPICS if not topic.readers):
        made = islice(Stream(topic, chance), UNREAD)
        async with Flood(platform, topic.senders[0], topic.name) as flood:
            await flood.send([one.record for one in made], chance)


async def test_afterwards_work_goes_on(office: Office) -> None:
    case = await office.sent()
    await office.announced(case)


async def flooded(topic: Topic, reader: Reader, chance: Random) -> None:
    stream, sent = iter(Stream(topic, chance, reader.service)), Counter[str]()
    began, since = monotonic(), reader.journal.stat().st_size
    async with Flood(reader.platform, topic.senders[0], topic.name) as flood:
        while sent.total() < RECORDS:
            made = list(islice(stream, min(AT_ONCE, RECORDS - sent.total())))
            await sent_and_accounted_for(made, flood, reader, chance)
            sent += by_kind(made)
            log.warning("%s: %d records, %.0f/s", topic.name, sent.total(), sent.total() / (monotonic() - began))
    assert lines_of_trouble(reader.journal, since) == []


async def sent_and_accounted_for(made: list[Made], flood: Flood, reader: Reader, chance: Random) -> None:
    before, last = await reader.settled(), await reader.last_letter()
    placed = await flood.send([one.record for one in made], chance)
    await reader.reached(placed)
    counted = await reader.settled() - before
    reasons = {spot: reason for spot, reason in (await reader.put_away(last)).items() if spot in placed}
    ends_are_right(reader.service, made, placed, reasons)
    assert ended(counted) >= len(made)
    assert counted["parked"] >= len(reasons)
    ids: list[Any] = [UUID(one.base.id) for one in made if one.end == "handled"]
    query = "SELECT count(*) FROM inbox WHERE event_id = ANY($1)"
    ((noted,),) = await reader.bus.rows(reader.service, query, ids)
    assert noted == len(ids)
