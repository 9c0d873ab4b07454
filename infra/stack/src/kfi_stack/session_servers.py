"""The servers of a test session: embedded in a temporary folder, or external ones named by the environment."""

import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from kfi_stack.kafka_server import KafkaServer
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.servers import (
    EMBEDDED,
    EXTERNAL,
    embedded_kafka,
    embedded_postgres,
    external_kafka,
    external_postgres,
    mode,
)
from kfi_stack.supervisor import Supervisor


class SessionServers:
    """Starts each server once, when first wanted, side by side; `stop` leaves no process and no folder."""

    def __init__(self) -> None:
        self.mode = mode()
        self.supervisor = Supervisor()
        self._folder = tempfile.TemporaryDirectory(prefix="kfi-test-", ignore_cleanup_errors=True)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="server start")
        self._postgres: Future[PostgresServer] | None = None
        self._kafka: Future[KafkaServer] | None = None

    @property
    def folder(self) -> Path:
        """Where the embedded servers keep their data and logs; empty with external ones."""
        return Path(self._folder.name)

    def want(self, names: set[str]) -> None:
        """Begins to start the servers named (`postgres`, `kafka`) and returns at once."""
        start = self._start_embedded if self.mode == EMBEDDED else self._find_external
        start(names)

    def postgres(self) -> PostgresServer:
        """The database server, once it is ready."""
        self.want({"postgres"})
        assert self._postgres is not None  # noqa: S101 - wanted a line above
        return self._postgres.result()

    def kafka(self) -> KafkaServer:
        """The broker with the plan of `infra/kafka` applied, once it is ready."""
        self.want({"kafka"})
        assert self._kafka is not None  # noqa: S101 - wanted a line above
        return self._kafka.result()

    def stop(self) -> None:
        """Drops what the session made on external servers; ends the embedded ones and removes their folder."""
        if self.mode == EXTERNAL:
            for made in (self._postgres, self._kafka):
                if made and not made.exception():
                    made.result().drop_all()
        self._pool.shutdown()
        self.supervisor.stop()
        self._folder.cleanup()

    def _start_embedded(self, names: set[str]) -> None:
        if "postgres" in names and not self._postgres:
            self._postgres = self._pool.submit(self._embedded_postgres)
        if "kafka" in names and not self._kafka:
            self._kafka = self._pool.submit(self._embedded_kafka)

    def _find_external(self, names: set[str]) -> None:
        if "postgres" in names and not self._postgres:
            self._postgres = self._pool.submit(external_postgres)
        if "kafka" in names and not self._kafka:
            self._kafka = self._pool.submit(external_kafka)

    def _embedded_postgres(self) -> PostgresServer:
        server = embedded_postgres(Path(self._folder.name), self.supervisor, durable=False)
        return PostgresServer(server.admin_url)

    def _embedded_kafka(self) -> KafkaServer:
        return embedded_kafka(Path(self._folder.name), self.supervisor)
