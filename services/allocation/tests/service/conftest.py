"""The service over ASGI on a real PostgreSQL, with accounts instead of tokens and a calendar a test can move."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from kfi_allocation.api import build_routers
from kfi_allocation.api.problems import DOMAIN_PROBLEMS
from kfi_allocation.command import main
from kfi_allocation.settings import AllocationSettings
from kfi_allocation.tables import METADATA
from kfi_allocation.work import AllocationWork
from kfi_chassis.clock import FixedClock
from kfi_chassis.database import create_engine
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import SYSTEM, Principal
from kfi_chassis.migrate import upgrade
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.problems import Unauthenticated
from kfi_chassis.sealing import Opener, new_sealing_key, public_part
from kfi_chassis.work import Transactions

FIRST_DAY = date(2026, 3, 9)
MUENSTER, DORTMUND = "05515000", "05913000"
OFFICE = f"""
[town_mailboxes]
{MUENSTER} = "aufnahme@muenster.example"
{DORTMUND} = "aufnahme@dortmund.example"
"""
_ME = SYSTEM("allocation")


def _account(
    subject: str, *roles: str, person: str | None = None, ags: str | None = None, name: str | None = None
) -> Principal:
    return Principal(subject, person or subject, frozenset(roles), None, ags, name=name)


ACCOUNTS = {
    account.subject: account
    for account in (
        _account("planner", "allocation-planner", person="person-a", name="Miriam Planung"),
        _account("planner-as-signatory", "allocation-signatory", person="person-a", name="Miriam Planung"),
        _account("second-planner", "allocation-planner", person="person-c"),
        _account("signatory", "allocation-signatory", person="person-b", name="Elif Sander"),
        _account("muenster", "municipality", ags=MUENSTER),
        _account("dortmund", "municipality", ags=DORTMUND),
        _account("caseworker", "funding-caseworker", person="person-d"),
        _account("auditor", "auditor"),
        _account("operator", "operator"),
    )
}


class Accounts:
    """Stands for the identity provider: the token is the name of an account."""

    async def verify(self, token: str) -> Principal:
        if token not in ACCOUNTS:
            raise Unauthenticated("not_valid")
        return ACCOUNTS[token]


class Quiet:
    """Measures nothing."""

    def request_answered(self, *, route: str, method: str, code: int, seconds: float) -> None: ...

    def exposition(self) -> tuple[bytes, str]:
        return b"", "text/plain"


@dataclass
class Calendar:
    """The business date, moved by the test."""

    day: date = FIRST_DAY

    def today(self) -> date:
        return self.day


@dataclass
class Desk:
    """One running service and everybody at it."""

    client: httpx2.AsyncClient
    transactions: Transactions[AllocationWork]
    calendar: Calendar
    opener: Opener

    async def get(self, who: str, path: str, **query: Any) -> httpx2.Response:
        return await self.client.get(f"/allocation/v1{path}", headers=_signed_in(who), params=query)

    async def post(self, who: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send JSON; an `Idempotency-Key` comes along unless the test sets one."""
        sent = {**_signed_in(who), "Idempotency-Key": str(uuid4()), **headers}
        return await self.client.post(f"/allocation/v1{path}", json=body, headers=sent)

    async def send(self, who: str, path: str, content: bytes, kind: str, **headers: str) -> httpx2.Response:
        """Send a file as it is."""
        sent = {**_signed_in(who), "Idempotency-Key": str(uuid4()), "Content-Type": kind, **headers}
        return await self.client.post(f"/allocation/v1{path}", content=content, headers=sent)

    async def act(self, who: str, path: str, action: str, body: Any = None, reader: str = "auditor") -> httpx2.Response:
        """Take an action on what is at the path, as it is now."""
        seen = (await self.get(reader, path)).headers["ETag"]
        return await self.post(who, f"{path}/{action}", body, **{"If-Match": seen})

    async def done(self, who: str, path: str, action: str, body: Any = None) -> dict[str, Any]:
        answer = await self.act(who, path, action, body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async def read(work: AllocationWork) -> list[Any]:
            return list(await work.connection.execute(text(sql), values))

        return await self.transactions.run(read, actor=_ME)

    async def run(self, use: Callable[[AllocationWork], Any]) -> Any:
        """Run a use case as the service itself, in a transaction of its own."""
        return await self.transactions.run(use, actor=_ME)

    async def consume(self, handle: Callable[..., Any], event: Any) -> None:
        """Hand an event to its handler, in a transaction of its own, as the consumer does."""
        await self.run(partial(handle, event))


def _signed_in(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"}


@pytest.fixture(scope="session")
def database(postgres: Any) -> Any:
    """A database of the service with its newest schema; ``owner_url`` and ``runtime_url``."""
    urls = postgres.create_database("kfi_allocation_test", "kfi_allocation_test_owner", "kfi_allocation_test")
    asyncio.run(upgrade("kfi_allocation.migrations", urls.owner_url))
    return urls


@pytest.fixture
async def emptied(database: Any) -> None:
    """No row is left of an earlier test."""
    engine = create_engine(database.owner_url, pool_size=1)
    async with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            await connection.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 - on small tables faster than TRUNCATE
    await engine.dispose()


@pytest.fixture(scope="session")
def sealing_key() -> dict[str, Any]:
    return new_sealing_key()


@pytest.fixture(scope="session")
def doorkeeper_key() -> dict[str, Any]:
    return new_sealing_key()


@pytest.fixture(scope="session")
def settings(
    database: Any,
    sealing_key: dict[str, Any],
    doorkeeper_key: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    folder = tmp_path_factory.mktemp("allocation")
    key_file = folder / "sealing-key.json"
    key_file.write_text(json.dumps(public_part(sealing_key)))
    KeyFile.with_a_new_key(folder / "person-keys.json")
    (folder / "office.toml").write_text(OFFICE, encoding="utf-8")
    doorkeeper_file = folder / "doorkeeper-key.json"
    doorkeeper_file.write_text(json.dumps(public_part(doorkeeper_key)))
    assert main(["certificate", "keys", "--out", str(folder / "certificate-keys")]) == 0
    return AllocationSettings(
        profile="test",
        webhooks_inside=True,
        doorkeeper_key_file=doorkeeper_file,
        database_url=database.runtime_url,
        kafka_bootstrap="none:9092",
        issuer="https://issuer.example",
        jwks_url="https://issuer.example/jwks",
        http_port=0,
        sealing_key_file=key_file,
        person_keys_file=folder / "person-keys.json",
        certificate_keys=folder / "certificate-keys",
        office_file=folder / "office.toml",
    )


@pytest.fixture(scope="session")
def api(settings: Any) -> FastAPI:
    """The routes of the service; each test gives it the transactions of its own event loop."""
    return create_api(
        "allocation",
        settings,
        build_routers(),
        transactions=None,
        verifier=Accounts(),
        health=Health(),
        metrics=Quiet(),
        domain_problems=DOMAIN_PROBLEMS,
    )


@pytest.fixture
async def desk(settings: Any, api: FastAPI, sealing_key: dict[str, Any], emptied: None) -> AsyncIterator[Desk]:
    """The service on Monday, 9 March 2026, with an empty database."""
    work_class = type("TestedWork", (AllocationWork,), {"settings": settings})
    engine, calendar = create_engine(settings.database_url, pool_size=10), Calendar()
    clock = FixedClock(datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    transactions: Transactions[AllocationWork] = Transactions(engine, work_class, clock=clock, calendar=calendar)
    api.state.transactions = transactions
    transport = httpx2.ASGITransport(app=api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://allocation") as client:
        yield Desk(client, transactions, calendar, Opener([sealing_key]))
    await engine.dispose()
