"""The servers of a test session: embedded in a temporary folder, or external ones named by the environment."""

import asyncio
import os
import secrets
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from kfi_stack import databases, ports
from kfi_stack.credentials import Credentials
from kfi_stack.environment import required
from kfi_stack.errors import StackError
from kfi_stack.kafka import Kafka
from kfi_stack.kafka_server import KafkaServer, passwords_from_environment
from kfi_stack.postgres import Postgres
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.supervisor import Supervisor
from kfi_stack.topics import load_plan

EMBEDDED, EXTERNAL = "embedded", "external"


class SessionServers:
    """Starts each server once, when first wanted, side by side; `stop` leaves no process and no folder."""

    def __init__(self) -> None:
        self.mode = os.environ.get("KFI_SERVERS", EMBEDDED)
        if self.mode not in (EMBEDDED, EXTERNAL):
            raise StackError(f"KFI_SERVERS is neither {EMBEDDED} nor {EXTERNAL}: set it to one of them.")
        self.supervisor = Supervisor()
        self._folder = tempfile.TemporaryDirectory(prefix="kfi-test-", ignore_cleanup_errors=True)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="server start")
        self._postgres: Future[PostgresServer] | None = None
        self._kafka: Future[KafkaServer] | None = None

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
        admin = Credentials("admin", secrets.token_urlsafe(18))
        server = Postgres(Path(self._folder.name) / "postgres", ports.free_port(), admin, durable=False)
        self.supervisor.start(server.program())
        return PostgresServer(server.admin_url)

    def _embedded_kafka(self) -> KafkaServer:
        port, controller_port = ports.free_ports(2)
        admin, controller = (
            Credentials("admin", secrets.token_urlsafe(18)),
            Credentials("controller", secrets.token_urlsafe(18)),
        )
        node = Kafka(Path(self._folder.name) / "kafka", port, controller_port, admin, controller)
        self.supervisor.start(node.program())
        users = {name: Credentials(name, secrets.token_urlsafe(18)) for name in load_plan().users}
        server = KafkaServer(node.bootstrap, "SASL_PLAINTEXT", admin, users)
        server.apply()
        return server


def external_postgres() -> PostgresServer:
    """The server of `KFI_POSTGRES_URL`; its user must be a superuser."""
    server = PostgresServer(required("KFI_POSTGRES_URL"))
    if not asyncio.run(databases.answers(server.admin_url)):
        raise StackError("The PostgreSQL of KFI_POSTGRES_URL does not answer: start it, or correct the URL.")
    return server


def external_kafka() -> KafkaServer:
    """The cluster of `KFI_KAFKA_BOOTSTRAP` with the plan applied; users without a password here get a new one."""
    admin = Credentials(required("KFI_KAFKA_ADMIN_USER"), required("KFI_KAFKA_ADMIN_PASSWORD"))
    names = load_plan().users
    users = {name: Credentials(name, secrets.token_urlsafe(18)) for name in names} | passwords_from_environment(names)
    security = os.environ.get("KFI_KAFKA_SECURITY", "SASL_PLAINTEXT")
    server = KafkaServer(required("KFI_KAFKA_BOOTSTRAP"), security, admin, users)
    server.apply()
    return server
