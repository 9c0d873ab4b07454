"""What the contestants of `delivery` have in common: the course they run, the events on it, and the stopwatch."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_contracts.cloudevents import CloudEvent

KEYS: Final = 500
START_SECONDS: Final = 20.0
PATIENCE_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.005
_NAMESPACE: Final = UUID("0b5c4b0e-6d1c-4b52-8a3e-5d9b7a0c1f2e")
_TEXT_BYTES: Final = 900
_WORDS: Final = random.Random(4).choices(  # noqa: S311 - the same prose in every run
    (
        "der Antrag",
        "die Bewilligung",
        "das Land",
        "ein Bescheid",
        "wird und mit",
        "von Mitteln",
        "im Jahr",
        "gemäß § 28",
    ),
    k=9_000,
)
_PROSE: Final = " ".join(_WORDS)


@dataclass(frozen=True)
class Course:
    """All a contestant's process is told: where the servers are, what to read, where to write, how much it is."""

    database_url: str
    bootstrap: str
    security: str
    username: str
    password: str
    source: str
    target: str
    events: int
    batch: int

    @property
    def plain_database_url(self) -> str:
        """For asyncpg."""
        return self.database_url.replace("postgresql+asyncpg://", "postgresql://", 1)

    def settings(self) -> QuickKafkaSettings:
        """For the chassis."""
        return QuickKafkaSettings(
            kafka_bootstrap=self.bootstrap,
            kafka_security=self.security,
            kafka_username=self.username,
            kafka_password=self.password,
            instance=f"benchmark-{uuid4().hex[:8]}",
            consumer_batch=self.batch,
        )

    def client(self) -> dict[str, Any]:
        """For aiokafka."""
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }

    def heard(self) -> type[Happened]:
        """The event on the source topic."""
        return happened_on(self.source)

    def answer(self) -> type[Happened]:
        """The event a handler records in the outbox for each one it heard; as large."""
        return happened_on(self.target, kind="answered")


@dataclass(frozen=True)
class Round:
    """One run of a contestant: events per second, processor time of its own process per event, its peak memory."""

    rate: float
    cpu_us: float
    peak_mib: float

    def as_json(self) -> dict[str, float]:
        """For the process that asked."""
        return asdict(self)


class Stopwatch:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._begun, self._cpu = time.perf_counter(), time.process_time()

    def stop(self, events: int) -> Round:
        """The figures of the events since."""
        seconds, cpu = time.perf_counter() - self._begun, time.process_time() - self._cpu
        return Round(events / seconds, cpu / events * 1e6, _peak_mib())

    @classmethod
    async def watch(cls, count: Callable[[], float], events: int) -> Round:
        """Measure from the first sign of work to the end: starting and joining a group are not measured."""
        await _until(lambda: count() > 0, START_SECONDS)
        first, watch = count(), cls()
        await _until(lambda: count() >= events, PATIENCE_SECONDS)
        return watch.stop(int(events - first))


Contestant = Callable[[Course], Awaitable[Round]]


def event(kind: type[Happened], number: int) -> Happened:
    """The event of that number: KEYS subjects take turns, so per key the numbers rise."""
    begin = number * 37 % (len(_PROSE) - _TEXT_BYTES)
    subject = uuid5(_NAMESPACE, str(number % KEYS))
    return kind(subject_id=subject, number=number, text=_PROSE[begin : begin + _TEXT_BYTES])


def records(kind: type[Happened], count: int) -> Iterator[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """Key, value and headers of the first events, as the relay would send them."""
    now = datetime.now(UTC)
    for number in range(count):
        yield CloudEvent.wrap(event(kind, number), id=uuid4(), time=now, sequence=number + 1).to_kafka()


async def _until(reached: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 - contestants are not ours and know no event
            await asyncio.sleep(_LOOK_SECONDS)


def _peak_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
