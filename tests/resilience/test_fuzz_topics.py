"""Whatever lies on a topic: every record comes to its end with its reason, no partition stands still."""

import logging
from collections import Counter
from itertools import islice
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from tests.harness.bus import Bus, balanced, ended
from tests.harness.flood import Flood, Spot
from tests.harness.fuzz_ends import by_kind, ends_are_right, lines_of_trouble
from tests.harness.fuzz_records import Made, Stream
from tests.harness.fuzz_values import seeded
from tests.harness.size import size

from kfi_contracts.topics import ALL_TOPICS, Topic
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
RECORDS = size(short=3_000, nightly=300_000)
AT_ONCE = 10_000
READ = [(topic, reader) for topic in ALL_TOPICS for reader in topic.readers]
log = logging.getLogger(__name__)


@pytest.mark.parametrize(("topic", "reader"), READ, ids=lambda one: getattr(one, "name", one))
async def test_every_record_is_accounted_for(topic: Topic, reader: str, bus: Bus, platform: Platform) -> None:
    chance = seeded()
    stream, sent = iter(Stream(topic, chance)), Counter[str]()
    journal = platform.folder / "logs" / f"{reader}-1.log"
    since = journal.stat().st_size
    began = monotonic()
    async with Flood(platform, topic.senders[0], topic.name) as flood:
        while sent.total() < RECORDS:
            made = list(islice(stream, min(AT_ONCE, RECORDS - sent.total())))
            await sent_and_accounted_for(made, topic, reader, flood, bus, chance)
            sent += by_kind(made)
            log.warning("%s: %d records, %.0f/s", topic.name, sent.total(), sent.total() / (monotonic() - began))
    assert lines_of_trouble(journal, since) == []


async def sent_and_accounted_for(
    made: list[Made], topic: Topic, reader: str, flood: Flood, bus: Bus, chance: Random
) -> None:
    before = await totals(bus, reader, topic)
    (last,) = await bus.rows(reader, "SELECT coalesce(max(number), 0) AS number FROM dead_letter")
    placed = await flood.send([one.record for one in made], chance)
    await bus.caught_up(reader, topic.name)
    counted = await totals(bus, reader, topic) - before
    reasons = await parked_since(last["number"], bus, reader, topic)
    assert balanced(counted)
    assert ended(counted) >= len(made)
    assert counted["parked"] == len(reasons)
    ends_are_right(reader, made, placed, reasons)
    await handled_are_noted(made, bus, reader)


async def totals(bus: Bus, reader: str, topic: Topic) -> Counter[str]:
    """The accounts of all partitions together."""
    accounts = (await bus.accounts(reader)).items()
    return sum((account for (name, _), account in accounts if name == topic.name), Counter[str]())


async def parked_since(number: int, bus: Bus, reader: str, topic: Topic) -> dict[Spot, str]:
    query = 'SELECT partition, "offset", reason FROM dead_letter WHERE number > $1 AND topic = $2'
    rows = await bus.rows(reader, query, number, topic.name)
    return {(row["partition"], row["offset"]): row["reason"] for row in rows}


async def handled_are_noted(made: list[Made], bus: Bus, reader: str) -> None:
    ids: list[Any] = [UUID(one.base.id) for one in made if one.end == "handled"]
    ((noted,),) = await bus.rows(reader, "SELECT count(*) FROM inbox WHERE event_id = ANY($1)", ids)
    assert noted == len(ids)
