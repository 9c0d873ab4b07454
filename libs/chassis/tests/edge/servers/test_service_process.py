"""A service as a process: how it starts, waits, serves and stops; each test starts a real one."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy.engine import make_url

from kfi_chassis.database import connect
from kfi_chassis.migrate import upgrade

pytestmark = pytest.mark.servers

DEMO = Path(__file__).parents[1] / "demo_service"
KEY = ECKey.generate_key("P-256", {"kid": "test", "use": "sig"})


@dataclass
class Running:
    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)
    _reading: Any = None

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))

    async def until(self, holds: Callable[[], Any]) -> Any:
        async with asyncio.timeout(20):
            while not (found := holds()):  # noqa: ASYNC110 - the outcome is in another process
                await asyncio.sleep(0.02)
        return found

    async def event(self, name: str) -> dict[str, Any]:
        found = await self.until(lambda: [line for line in self.lines if line["event"] == name])
        return dict(found[0])

    async def address(self) -> str:
        return f"http://127.0.0.1:{(await self.event('listening'))['port']}"

    async def ended(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()


@dataclass
class Launcher:
    environment: dict[str, str]
    started: list[Running] = field(default_factory=list)

    async def start(self, *arguments: str, **changes: str) -> Running:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kfi_demo.main",
            *arguments,
            env={**self.environment, **changes},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running = Running(process)
        running._reading = asyncio.create_task(running.read())
        self.started.append(running)
        return running

    async def finish(self, *arguments: str, **changes: str) -> tuple[int, str]:
        """Run to the end; its exit code and what it wrote to stderr."""
        running = await self.start(*arguments, **changes)
        assert running.process.stderr is not None
        told = (await running.process.stderr.read()).decode()
        return await running.ended(), told


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    """Publishes the key tokens are signed with."""
    content = json.dumps({"keys": [KEY.as_dict(private=False)]})
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n{content}".encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
    server.close()


@pytest.fixture
async def launcher(database: Any, wire: Any, issuer: str, demo_service: Any) -> AsyncIterator[Launcher]:
    await upgrade(demo_service.SERVICE.migrations, database.owner_url)
    through_the_wire = make_url(database.runtime_url).set(host="127.0.0.1", port=wire.listening)
    launcher = Launcher({
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(DEMO),
        "KFI_PROFILE": "test",
        "KFI_INSTANCE": "demo-1",
        "KFI_DATABASE_URL": through_the_wire.render_as_string(hide_password=False),
        "KFI_DATABASE_TIMEOUT_SECONDS": "1",
        "KFI_MIGRATION_URL": database.owner_url,
        "KFI_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "KFI_ISSUER": "http://issuer",
        "KFI_JWKS_URL": issuer,
        "KFI_HTTP_PORT": "0",
    })  # fmt: skip
    yield launcher
    for running in launcher.started:
        if running.process.returncode is None:
            running.process.kill()
        await running.process.wait()
        await running._reading


def headers() -> dict[str, str]:
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": "http://issuer", "aud": "kfi", "sub": "a", "client_id": "t", "jti": "1", "roles": ["maker"]}
    signed = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "test"}, {**claims, "iat": now, "exp": now + 300}, KEY)
    return {"Authorization": f"Bearer {signed}", "Idempotency-Key": str(uuid4())}


async def until_ready(address: str) -> None:
    async with httpx2.AsyncClient() as client, asyncio.timeout(20):
        while (await client.get(f"{address}/health/ready")).status_code != 200:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def post_thing(address: str, hold: float = 0.0) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=20) as client:
        body = {"name": "lamp", "hold": hold}
        return await client.post(f"{address}/demo/v1/things", json=body, headers=headers())


async def in_flight(demo_url: str) -> None:
    """Until a request holds the lock of its key."""
    connection = await connect(demo_url, name="test")
    async with asyncio.timeout(10):
        while await connection.fetchval("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await connection.close()


async def test_migrate_then_run_serves_and_every_line_of_its_log_is_json(launcher: Any, postgres: Any) -> None:
    name = f"empty_{uuid4().hex[:12]}"
    empty = postgres.create_database(name, f"{name}_owner", name)
    launcher.environment.update(KFI_MIGRATION_URL=empty.owner_url, KFI_DATABASE_URL=empty.runtime_url)
    assert (await launcher.finish("migrate"))[0] == 0
    running = await launcher.start("run", "api")
    address = await running.address()
    await until_ready(address)
    assert (await post_thing(address)).status_code == 201
    line = await running.event("request_answered")
    assert line["service"] == "demo"


async def test_at_sigterm_readiness_turns_red_first_and_the_request_in_flight_is_answered(
    launcher: Any, database: Any
) -> None:
    running = await launcher.start("run", "api", KFI_DRAIN_SECONDS="1")
    address = await running.address()
    request = asyncio.create_task(post_thing(address, hold=2.0))
    await in_flight(database.owner_url)
    running.process.send_signal(signal.SIGTERM)
    await running.event("stopping")
    async with httpx2.AsyncClient() as client:
        ready = await client.get(f"{address}/health/ready")
        live = await client.get(f"{address}/health/live")
    assert (ready.status_code, live.status_code) == (503, 200)
    assert (await request).status_code == 201
    assert await running.ended() == 0


async def test_a_second_signal_ends_it_at_once(launcher: Any, database: Any) -> None:
    running = await launcher.start("run", "relay", KFI_GRACE_SECONDS="60")
    address = await running.address()
    request = asyncio.create_task(post_thing(address, hold=30.0))
    await in_flight(database.owner_url)
    running.process.send_signal(signal.SIGTERM)
    await running.event("stopping")
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await running.ended() == 1
    request.cancel()


async def test_it_waits_for_its_database_instead_of_dying(launcher: Any, wire: Any) -> None:
    wire.break_off()
    running = await launcher.start("run", "api", "relay")
    address = await running.address()
    line = await running.event("waiting")
    assert line["waiting_for"] == "database, for the relay"
    async with httpx2.AsyncClient() as client:
        assert (await client.get(f"{address}/health/live")).status_code == 200
        assert (await client.get(f"{address}/health/ready")).status_code == 503
    wire.mend()
    await until_ready(address)
    await running.event("reached")
    running.process.send_signal(signal.SIGTERM)
    assert await running.ended() == 0


async def test_a_process_without_the_role_api_serves_health_and_metrics_and_nothing_else(launcher: Any) -> None:
    running = await launcher.start("run", "relay")
    address = await running.address()
    await until_ready(address)
    assert (await post_thing(address)).status_code == 404
    async with httpx2.AsyncClient() as client:
        assert "http_requests_total" in (await client.get(f"{address}/metrics")).text
        details = (await client.get(f"{address}/health/details")).json()
    assert details["live"] == {"relay": True}
    assert "outbox_pending" in details["gauges"]


async def test_all_roles_run_in_one_process_and_a_broker_that_is_away_is_no_reason_to_die(launcher: Any) -> None:
    running = await launcher.start("run")
    address = await running.address()
    await until_ready(address)
    counted = await running.event("things_counted")
    assert (await post_thing(address)).status_code == 201
    async with httpx2.AsyncClient() as client:
        details = (await client.get(f"{address}/health/details")).json()
    assert details["live"] == {"consumer": True, "relay": True, "worker": True}
    assert details["consumer"]["group"] == "demo"
    assert counted["instance_of_settings"] == "demo-1"
    running.process.send_signal(signal.SIGTERM)
    assert await running.ended() == 0
    assert (await running.event("stopped"))["finished"] is True


async def test_a_port_in_use_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = await launcher.finish("run", "api", KFI_HTTP_PORT=str(port))
    assert code == 2
    assert told.startswith(f"Port {port} on 127.0.0.1 cannot be opened")
    assert "KFI_HTTP_PORT" in told
    assert told.count("\n") == 1


async def test_a_wrong_setting_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    code, told = await launcher.finish("run", KFI_DATABASE_URL="sqlite:///geheim")
    assert code == 2
    assert "KFI_DATABASE_URL" in told
    assert "geheim" not in told
    assert told.count("\n") == 1


async def test_a_role_it_does_not_have_is_one_sentence_with_what_to_do(launcher: Any) -> None:
    code, told = await launcher.finish("run", "optimiser")
    assert (code, told) == (2, "demo has no role optimiser: choose from api, consumer, relay, worker.\n")


async def test_production_refuses_to_move_the_business_date(launcher: Any, tmp_path: Path) -> None:
    code, told = await launcher.finish("run", KFI_PROFILE="production", KFI_BUSINESS_DATE_FILE=str(tmp_path / "date"))
    assert code == 2
    assert "KFI_BUSINESS_DATE_FILE" in told


async def test_the_openapi_document_is_written_and_a_difference_is_told(launcher: Any, tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "demo" / "src")
    there = {"PYTHONPATH": str(tmp_path / "demo" / "src")}
    document = tmp_path / "demo" / "openapi.json"
    assert (await launcher.finish("openapi", "--check", **there))[0] == 1
    assert (await launcher.finish("openapi", **there))[0] == 0
    assert (await launcher.finish("openapi", "--check", **there))[0] == 0
    assert set(json.loads(document.read_text())["paths"]) == {
        "/demo/v1/things",
        "/demo/v1/things/{thing_id}",
        "/demo/v1/things/{thing_id}/name",
    }
    document.write_text(document.read_text().replace("make_thing", "make_a_thing"))
    code, told = await launcher.finish("openapi", "--check", **there)
    assert code == 1
    assert "kfi-demo openapi" in told


@pytest.mark.parametrize("role", ["api", "consumer", "relay", "worker"])
async def test_a_frozen_database_does_not_hold_up_the_end(launcher: Any, wire: Any, role: str) -> None:
    running = await launcher.start("run", role, KFI_GRACE_SECONDS="1")
    await until_ready(await running.address())
    wire.freeze()
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(8):
        await running.ended()
    await running.event("stopped")
