"""The demo service as a process of its own."""

import asyncio
import json
import os
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

DEMO = Path(__file__).parents[2] / "demo_service"
KEY = ECKey.generate_key("P-256", {"kid": "test", "use": "sig"})


def headers() -> dict[str, str]:
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": "http://issuer", "aud": "kfi", "sub": "a", "client_id": "t", "jti": "1", "roles": ["maker"]}
    signed = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "test"}, {**claims, "iat": now, "exp": now + 300}, KEY)
    return {"Authorization": f"Bearer {signed}", "Idempotency-Key": str(uuid4())}


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

    async def until_ready(self) -> None:
        address = await self.address()
        async with httpx2.AsyncClient() as client, asyncio.timeout(20):
            while (await client.get(f"{address}/health/ready")).status_code != 200:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as client:
            return await client.get(f"{await self.address()}{path}")

    async def post_thing(self, hold: float = 0.0) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=20) as client:
            body = {"name": "lamp", "hold": hold}
            return await client.post(f"{await self.address()}/demo/v1/things", json=body, headers=headers())

    async def until_in_flight(self, database_url: str) -> None:
        """Until a request holds the lock of its key."""
        connection = await connect(database_url, name="test")
        locks = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
        async with asyncio.timeout(20):
            while await connection.fetchval(locks) is None:  # noqa: ASYNC110 - a row of another process
                await asyncio.sleep(0.01)
        await connection.close()

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
        "KFI_DATABASE_TIMEOUT_SECONDS": "2",
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
