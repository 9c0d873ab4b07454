"""The two servers a platform stands on, PostgreSQL and Kafka: embedded in a folder, or external ones."""

import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kfi_stack import ports
from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError
from kfi_stack.kafka import Kafka
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.postgres import Postgres
from kfi_stack.session_servers import EMBEDDED, EXTERNAL, external_kafka, external_postgres
from kfi_stack.supervisor import Supervisor
from kfi_stack.topics import load_plan

Say = Callable[[str], None]


@dataclass(frozen=True)
class Servers:
    """Where the two servers are and who administers them; topics, users and rights are applied."""

    postgres_url: str
    kafka: KafkaServer


def chosen(folder: Path, supervisor: Supervisor, say: Say) -> Servers:
    """The servers `KFI_SERVERS` asks for. Raises StackError with what to do."""
    mode = os.environ.get("KFI_SERVERS", EMBEDDED)
    if mode == EXTERNAL:
        return Servers(external_postgres().admin_url, external_kafka())
    if mode != EMBEDDED:
        raise StackError(f"KFI_SERVERS is neither {EMBEDDED} nor {EXTERNAL}: set it to one of them.")
    return embedded(folder, supervisor, say)


def embedded(folder: Path, supervisor: Supervisor, say: Say) -> Servers:
    """Both servers in this folder, started side by side."""
    with ThreadPoolExecutor(2) as pool:
        postgres = pool.submit(_postgres, folder, supervisor, say)
        kafka = pool.submit(_kafka, folder, supervisor, say)
        return Servers(postgres.result(), kafka.result())


def _postgres(folder: Path, supervisor: Supervisor, say: Say) -> str:
    server = Postgres(folder / "postgres", ports.free_port(), _made_up("admin"))
    supervisor.start(server.program())
    say(f"PostgreSQL is up on port {server.port}")
    return server.admin_url


def _kafka(folder: Path, supervisor: Supervisor, say: Say) -> KafkaServer:
    port, controller_port = ports.free_ports(2)
    node = Kafka(folder / "kafka", port, controller_port, _made_up("admin"), _made_up("controller"))
    supervisor.start(node.program(say=say))
    users = {name: _made_up(name) for name in load_plan().users}
    server = KafkaServer(node.bootstrap, "SASL_PLAINTEXT", node.admin, users)
    server.apply()
    say(f"Apache Kafka is up on port {port}, with its topics, users and rights")
    return server


def _made_up(name: str) -> Credentials:
    return Credentials(name, secrets.token_urlsafe(18))
