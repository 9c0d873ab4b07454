"""Kafka and the accounts of its consumers, seen from outside of the services."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families

from kfi_chassis.broker import Record
from kfi_stack.databases import connection_to
from kfi_stack.running_platform import Platform

PATIENCE_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.05
OF_THE_MEMBER = (
    "consumer_assigned_partitions{", "consumer_paused_partitions{", "consumer_last_poll_timestamp_seconds{",
    "consumer_commit_failures_total{", "consumer_lag{",
)  # fmt: skip
Place = tuple[str, int]
"""A topic and one of its partitions."""
Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Sent:
    """A record to produce; without a partition its key decides."""

    value: bytes | None
    headers: Headers = ()
    key: bytes | None = None
    partition: int | None = None

    def with_header(self, name: str, value: bytes | None) -> "Sent":
        """The record with one header changed or added."""
        return replace(self, headers=[*(each for each in self.headers if each[0] != name), (name, value)])


class Bus:
    """Produces what no service would, and reads offsets and accounts."""

    def __init__(self, platform: Platform, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> None:
        self._platform = platform
        self._admin = admin
        self._reader = reader

    async def send(self, user: str, topic: str, records: Iterable[Sent], **settings: object) -> list[int]:
        """Produce the records one after the other as that user; their offsets."""
        options = self._platform.servers.kafka.client_settings(user) | settings
        async with AIOKafkaProducer(**options) as producer:
            return [
                (
                    await producer.send_and_wait(topic, one.value, one.key, one.partition, headers=list(one.headers))
                ).offset
                for one in records
            ]

    async def ends(self, topic: str) -> dict[Place, int]:
        """The offset after the last record of each partition."""
        partitions = [TopicPartition(topic, number) for number in await self._partitions(topic)]
        found = await self._reader.end_offsets(partitions)
        return {(one.topic, one.partition): offset for one, offset in found.items()}

    async def committed(self, group: str, topic: str) -> dict[Place, int]:
        """What the group has committed; a partition it never had a record of is missing."""
        found = await self._admin.list_consumer_group_offsets(group)
        return {(one.topic, one.partition): meta.offset for one, meta in found.items() if one.topic == topic}

    async def committed_altogether(self, group: str) -> int:
        """How far the group has come, all its partitions added up."""
        return sum(meta.offset for meta in (await self._admin.list_consumer_group_offsets(group)).values())

    async def caught_up(self, group: str, topic: str, ends: Mapping[Place, int] | None = None) -> None:
        """Wait until the group has committed everything there is and no more, or what comes before these ends."""
        behind: dict[Place, int] = {}

        async def everything() -> bool:
            behind.clear()
            committed = await self.committed(group, topic)
            for place, end in (ends or await self.ends(topic)).items():
                rest = end - committed.get(place, 0)
                if rest > 0 or (rest < 0 and ends is None):
                    behind[place] = rest
            return not behind

        await until_read(
            self, group, everything, lambda: f"{group} has committed all of {topic}, it is behind by {behind}"
        )

    async def accounts(self, service: str) -> dict[Place, Counter[str]]:
        """By partition: how many records were `polled`, and how many came to which outcome, since the process began."""
        return accounts_in(await self._metrics(service))

    async def member(self, service: str) -> str:
        """What the consumer of a service says of itself, for whoever wonders why it stands still."""
        try:
            metrics = await self._metrics(service)
        except httpx2.HTTPError as error:
            return f"{service} does not answer: {error!r}"
        told = [line for line in metrics.splitlines() if line.startswith(OF_THE_MEMBER)]
        return "\n".join(line for line in told if not (line.startswith("consumer_lag{") and line.endswith(" 0.0")))

    async def parked(self, service: str, place: Place, offsets: Iterable[int]) -> dict[int, str]:
        """The reasons by which records of a partition were parked, by offset."""
        query = 'SELECT "offset", reason FROM dead_letter WHERE (topic, partition) = ($1, $2) AND "offset" = ANY($3)'
        rows = await self.rows(service, query, *place, list(offsets))
        return {row["offset"]: row["reason"] for row in rows}

    async def due(self, service: str) -> int:
        """How many deadlines of a service have come and are not acted on; those that fail wait for a person."""
        query = "SELECT count(*) FROM deadline WHERE closed_at IS NULL AND failure IS NULL AND due_on <= $1"
        ((count,),) = await self.rows(service, query, self._platform.calendar.today())
        return int(count)

    async def records(self, topic: str, key: str | None = None) -> list[Record]:
        """All records there are now, in order per key; of one key where it is given."""
        settings = self._platform.servers.kafka.client_settings()
        ends = {TopicPartition(*place): end for place, end in (await self.ends(topic)).items() if end}
        if not ends:
            return []
        async with AIOKafkaConsumer(**settings) as consumer, asyncio.timeout(PATIENCE_SECONDS):
            consumer.assign(list(ends))
            await consumer.seek_to_beginning(*ends)
            found: list[Record] = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += [record for record in batch if key is None or record.key == key.encode()]
            return found

    async def rows(self, service: str, query: str, *arguments: object) -> list[Any]:
        """Rows of a service's database."""
        async with connection_to(self._platform.databases[service].runtime_url) as connection:
            found: list[Any] = await connection.fetch(query, *arguments)
            return found

    async def _metrics(self, service: str) -> str:
        async with httpx2.AsyncClient(timeout=10) as http:
            return (await http.get(f"{self._platform.services[service].url}/metrics")).raise_for_status().text

    async def _partitions(self, topic: str) -> list[int]:
        (described,) = await self._admin.describe_topics([topic])
        return [one["partition"] for one in described["partitions"]]


def accounts_in(exposition: str) -> dict[Place, Counter[str]]:
    """The accounts in the metrics of one process."""
    accounts: dict[Place, Counter[str]] = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name in {"consumer_polled_total", "consumer_records_total"}:
                place = (sample.labels["topic"], int(sample.labels["partition"]))
                accounts.setdefault(place, Counter())[sample.labels.get("outcome", "polled")] += int(sample.value)
    return accounts


def ended(account: Counter[str]) -> int:
    """How many records of an account came to an end; held ones come again."""
    return sum(account[outcome] for outcome in ("handled", "duplicate", "skipped", "parked"))


def balanced(account: Counter[str]) -> bool:
    """True when polled = handled + duplicate + skipped + parked + held."""
    return account["polled"] == account.total() - account["polled"]


async def until(happened: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Look until it happened and return what was found. Raises TimeoutError that says what did not."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not (found := await happened()):
        if monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_SECONDS:.0f} s: {what if isinstance(what, str) else what()}")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return found


async def until_read(bus: Bus, service: str, happened: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """As `until`; what did not happen is told with what the consumer of the service says of itself."""
    try:
        return await until(happened, what)
    except TimeoutError as stuck:
        raise TimeoutError(f"{stuck}\n{await bus.member(service)}") from stuck
