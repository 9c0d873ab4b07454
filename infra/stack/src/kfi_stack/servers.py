"""The two servers of a platform or a test session, PostgreSQL and Kafka: embedded in a folder, or external ones."""

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kfi_stack import databases, ports
from kfi_stack.credentials import Credentials
from kfi_stack.environment import required
from kfi_stack.errors import StackError
from kfi_stack.kafka import Kafka
from kfi_stack.kafka_server import KafkaServer, passwords_from_environment
from kfi_stack.parts import Say
from kfi_stack.postgres import Postgres
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.supervisor import Supervisor
from kfi_stack.topics import load_plan

EMBEDDED, EXTERNAL = "embedded", "external"


@dataclass(frozen=True)
class Servers:
    """Where the two servers are and who administers them; topics, users and rights are applied."""

    postgres_url: str
    kafka: KafkaServer


def mode() -> str:
    """Which servers `KFI_SERVERS` asks for. Raises StackError for a word it does not know."""
    asked = os.environ.get("KFI_SERVERS", EMBEDDED)
    if asked not in (EMBEDDED, EXTERNAL):
        raise StackError(f"KFI_SERVERS is neither {EMBEDDED} nor {EXTERNAL}: set it to one of them.")
    return asked


def chosen(folder: Path, supervisor: Supervisor, say: Say) -> Servers:
    """The servers `KFI_SERVERS` asks for; embedded ones are started side by side. Raises StackError."""
    if mode() == EXTERNAL:
        return Servers(external_postgres().admin_url, external_kafka())
    with ThreadPoolExecutor(2) as pool:
        postgres = pool.submit(embedded_postgres, folder, supervisor)
        kafka = pool.submit(embedded_kafka, folder, supervisor, say=say)
        say(f"PostgreSQL is up on port {postgres.result().port}")
        say(f"Apache Kafka is up at {kafka.result().bootstrap}, with its topics, users and rights")
        return Servers(postgres.result().admin_url, kafka.result())


def embedded_postgres(folder: Path, supervisor: Supervisor, *, durable: bool = True) -> Postgres:
    """Starts a server of its own in this folder."""
    server = Postgres(folder / "postgres", ports.free_port(), _made_up("admin"), durable)
    supervisor.start(server.program())
    return server


def embedded_kafka(folder: Path, supervisor: Supervisor, *, say: Say = print) -> KafkaServer:
    """Starts a broker of its own in this folder and brings it to `infra/kafka`."""
    port, controller_port = ports.free_ports(2)
    node = Kafka(folder / "kafka", port, controller_port, _made_up("admin"), _made_up("controller"))
    supervisor.start(node.program(say=say))
    users = {name: _made_up(name) for name in load_plan().users}
    server = KafkaServer(node.bootstrap, "SASL_PLAINTEXT", node.admin, users)
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
    users = {name: _made_up(name) for name in names} | passwords_from_environment(names)
    security = os.environ.get("KFI_KAFKA_SECURITY", "SASL_PLAINTEXT")
    server = KafkaServer(required("KFI_KAFKA_BOOTSTRAP"), security, admin, users)
    server.apply()
    return server


def _made_up(name: str) -> Credentials:
    return Credentials(name, secrets.token_urlsafe(18))
