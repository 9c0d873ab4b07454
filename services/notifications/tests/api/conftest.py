"""The HTTP side on a real database; the access token is the role, with an organisation and a name where it has one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import Principal
from kfi_chassis.metrics import Metrics
from kfi_notifications.main import SERVICE


class RoleVerifier:
    """The token is the role, the organisation after `@` and the name after `#`."""

    async def verify(self, token: str) -> Principal:
        account, _, name = token.partition("#")
        role, _, organisation = account.partition("@")
        return Principal(
            f"account-{account}", f"person-{account}", frozenset({role}), organisation or None, name=name or None
        )


@dataclass(frozen=True)
class Limits:
    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 5.0


@dataclass(frozen=True)
class Door:
    """A way to ask as somebody."""

    client: httpx2.AsyncClient

    async def get(self, path: str, *, role: str = "funding-caseworker", **query: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {role}"}
        return await self.client.get(f"/notifications/v1{path}", headers=headers, params=query)

    async def post(self, path: str, body: Any = None, *, role: str, seen: str | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {role}"} | ({} if seen is None else {"If-Match": seen})
        return await self.client.post(f"/notifications/v1{path}", headers=headers, json=body)


@pytest.fixture
async def door(office: Any) -> AsyncIterator[Door]:
    app = create_api(
        "notifications",
        Limits(),
        SERVICE.build_routers(),
        transactions=office.transactions,
        verifier=RoleVerifier(),
        health=Health(),
        metrics=Metrics(),
        domain_problems=SERVICE.domain_problems,
    )
    transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://kfi") as client:
        yield Door(client)
