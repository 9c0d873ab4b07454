"""Servers that are started, killed and started again, beside those of the session; few starts, so a test asks much."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from kfi_stack.credentials import Credentials
from kfi_stack.databases import Database, apply_database, connection_to
from kfi_stack.kafka import Kafka
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.ports import free_ports
from kfi_stack.postgres import Postgres
from kfi_stack.session_servers import SessionServers
from kfi_stack.supervisor import Supervisor
from kfi_stack.topics import load_plan

pytestmark = pytest.mark.servers

ADMIN, CONTROLLER = Credentials("admin", "admin-secret"), Credentials("controller", "controller-secret")
WORDS = [ADMIN.username, ADMIN.password, CONTROLLER.username, CONTROLLER.password]
LAUNCHER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from kfi_stack.credentials import Credentials
from kfi_stack.kafka import Kafka
from kfi_stack.ports import free_ports
from kfi_stack.postgres import Postgres
from kfi_stack.supervisor import Supervisor
admin, controller, folder = Credentials(*sys.argv[1:3]), Credentials(*sys.argv[3:5]), Path(sys.argv[5])
ports = free_ports(3)
with Supervisor() as supervisor, ThreadPoolExecutor() as pool:
    servers = Postgres(folder / "postgres", ports[0], admin), Kafka(folder / "kafka", *ports[1:], admin, controller)
    running = list(pool.map(lambda server: supervisor.start(server.program()), servers))
    print(*ports, flush=True)
    time.sleep(120)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kfi-test-") as one:
        yield Path(one)


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that name the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{folder}/" in command:
            found.append(command)
    return found


async def until_gone(folder: Path) -> None:
    async with asyncio.timeout(10):
        while processes_of(folder):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.05)


async def write(postgres: Postgres, kafka: KafkaServer) -> None:
    role = Credentials("somebody", "secret")
    urls = await apply_database(postgres.admin_url, Database("kept", role, role))
    async with connection_to(urls.owner_url) as owner:
        await owner.execute("CREATE TABLE thing (id int); INSERT INTO thing VALUES (42)")
    kafka.create_topic("kept.thing.v1", 1)
    async with AIOKafkaProducer(**kafka.client_settings()) as producer:
        await producer.send_and_wait("kept.thing.v1", b"42")


async def assert_kept(postgres: Postgres, kafka: KafkaServer) -> None:
    url = postgres.admin_url.rpartition("/")[0] + "/kept"
    async with connection_to(url) as admin:
        assert await admin.fetchval("SELECT id FROM thing") == 42
    settings = kafka.client_settings()
    async with AIOKafkaConsumer("kept.thing.v1", **settings, auto_offset_reset="earliest") as consumer:
        assert (await consumer.getone()).value == b"42"


def of(folder: Path, ports: list[int]) -> tuple[Postgres, Kafka]:
    return Postgres(folder / "postgres", ports[0], ADMIN), Kafka(
        folder / "kafka", ports[1], ports[2], ADMIN, CONTROLLER
    )


async def test_a_second_copy_loses_nothing_when_killed_and_leaves_nothing_when_its_launcher_is(
    folder: Path, postgres: Any, kafka: Any
) -> None:
    with Supervisor() as supervisor, ThreadPoolExecutor() as pool:
        ports = free_ports(3)
        database, node = of(folder, ports)
        running = list(pool.map(lambda server: supervisor.start(server.program()), (database, node)))
        await write(database, KafkaServer(node.bootstrap, "SASL_PLAINTEXT", ADMIN, {}))
        assert [port for one in running for port in one.program.ports] == ports
        for one in running:
            one.kill()
    assert processes_of(folder) == []
    launcher = await asyncio.create_subprocess_exec(sys.executable, "-c", LAUNCHER, *WORDS, str(folder), stdout=PIPE)
    assert launcher.stdout is not None
    database, node = of(folder, [int(word) for word in (await launcher.stdout.readline()).split()])
    async with asyncio.timeout(20):
        await assert_kept(database, KafkaServer(node.bootstrap, "SASL_PLAINTEXT", ADMIN, {}))
    assert processes_of(folder)
    launcher.kill()
    await launcher.wait()
    await until_gone(folder)
    assert "database system is shut down" in (folder / "postgres" / "postgres.log").read_text().splitlines()[-1]


async def test_external_servers_serve_as_the_embedded_ones_do(
    postgres: Any, kafka: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFI_SERVERS", "external")
    monkeypatch.setenv("KFI_POSTGRES_URL", postgres.admin_url)
    monkeypatch.setenv("KFI_KAFKA_BOOTSTRAP", kafka.bootstrap)
    monkeypatch.setenv("KFI_KAFKA_ADMIN_USER", kafka.admin.username)
    monkeypatch.setenv("KFI_KAFKA_ADMIN_PASSWORD", kafka.admin.password)
    for name in load_plan().users:
        monkeypatch.setenv(f"KFI_KAFKA_PASSWORD_{name.upper()}", kafka.user(name).password)
    servers = SessionServers()
    urls = servers.postgres().create_database("external", "external_owner", "external")
    servers.kafka().create_topic("external.thing.v1", 1)
    async with connection_to(urls.runtime_url) as runtime:
        assert await runtime.fetchval("SELECT 1") == 1
    servers.stop()
    assert "external.thing.v1" not in kafka.topics()
    async with connection_to(postgres.admin_url) as admin:
        left = "SELECT datname FROM pg_database WHERE datname = 'external' UNION SELECT rolname FROM pg_roles"
        assert not {"external", "external_owner"} & {row[0] for row in await admin.fetch(left)}
