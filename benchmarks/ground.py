"""What the benchmarks stand on: a PostgreSQL with fsync, a Kafka, a database with the chassis' tables."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.tables import create_tables
from kfi_stack import servers
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.supervisor import Supervisor

EFFECT = "CREATE TABLE effect (place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject uuid, number int)"
BATCH = 500
"""The services' default for `consumer_batch`."""


@dataclass(frozen=True)
class Ground:
    """Where a benchmark works: a database by the URLs of its two roles, the broker, its administrator's settings."""

    database_url: str
    owner_url: str
    kafka: KafkaServer

    def settings(self) -> QuickKafkaSettings:
        """Settings of one more client, with an instance name of its own."""
        return QuickKafkaSettings(
            kafka_bootstrap=self.kafka.bootstrap,
            kafka_security=self.kafka.security,
            kafka_username=self.kafka.admin.username,
            kafka_password=self.kafka.admin.password,
            instance=f"benchmark-{uuid4().hex[:8]}",
            consumer_batch=BATCH,
        )

    def topic(self, partitions: int) -> str:
        """A new topic."""
        name = f"benchmark.{uuid4().hex}"
        self.kafka.create_topic(name, partitions)
        return name


@contextmanager
def ground() -> Iterator[Ground]:
    """Starts the servers KFI_SERVERS asks for and ends them."""
    with tempfile.TemporaryDirectory(prefix="kfi-benchmark-") as folder, Supervisor() as supervisor:
        chosen = servers.chosen(Path(folder), supervisor, print)
        postgres = PostgresServer(chosen.postgres_url)
        try:
            urls = postgres.fresh_database("benchmark", _migrate)
            yield Ground(urls.runtime_url, urls.owner_url, chosen.kafka)
        finally:
            chosen.kafka.drop_all()
            postgres.drop_all()


async def _migrate(owner_url: str) -> None:
    await create_tables(owner_url, EFFECT)
