"""The service over ASGI on a real PostgreSQL, with accounts instead of tokens and a calendar a test can move."""

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from kfi_applications.api.problems import DOMAIN_PROBLEMS
from kfi_applications.domain.budget import BudgetPlan, PlannedYear
from kfi_applications.domain.programmes.catalogue import calls_from
from kfi_applications.main import build_routers
from kfi_applications.settings import ApplicationsSettings
from kfi_applications.use_cases.import_master_data import import_budget, import_calls
from kfi_applications.works import ApplicationsWork
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

TABLES = (
    "note", "mandate", "caseworker", "deadline",
    "attachment_part", "attachment",
    "bank_account", "budget_booking", "correction", "application", "file_number",
    "budget_year", "budget_title", "master_version", "master_record",
    "outbox", "inbox", "dead_letter", "audit", "idempotency_key",
    "person_key", "erased_person", "blind_index",
)  # fmt: skip

HERE = Path(__file__).parent
CALLS = calls_from(tomllib.loads((HERE / "calls.toml").read_text("utf-8")))
APPLICATION: dict[str, Any] = json.loads((HERE / "application.json").read_text("utf-8"))
PROPOSAL: dict[str, Any] = json.loads((HERE / "proposal.json").read_text("utf-8"))


def _account(
    subject: str, *roles: str, person: str | None = None, organisation: str | None = None, name: str | None = None
) -> Principal:
    return Principal(subject, person or subject, frozenset(roles), organisation, name=name)


ACCOUNTS = {
    account.subject: account
    for account in (
        _account("association", "applicant", organisation="verein-beispiel"),
        _account("stranger", "applicant", organisation="another-association"),
        _account("nobody", "applicant"),
        _account("caseworker", "funding-caseworker", "funding-signatory", person="person-a"),
        _account("second-account-of-caseworker", "funding-signatory", person="person-a"),
        _account("signatory", "funding-signatory", person="person-b", name="Elif Sander"),
        _account("third", "funding-signatory", person="person-c"),
        _account("colleague", "funding-caseworker", "funding-signatory", person="person-e"),
        _account("caseworker-only", "funding-caseworker", person="person-f"),
        _account("budget", "budget-officer", person="person-d"),
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

    day: date = date(2026, 3, 9)

    def today(self) -> date:
        return self.day


@dataclass
class Desk:
    """One running service and everybody at it."""

    client: httpx2.AsyncClient
    transactions: Transactions[ApplicationsWork]
    calendar: Calendar
    opener: Opener

    async def get(self, who: str, path: str, **query: Any) -> httpx2.Response:
        return await self.client.get(f"/applications/v1{path}", headers=_signed_in(who), params=query)

    async def post(self, who: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.client.post(f"/applications/v1{path}", json=body, headers={**_signed_in(who), **headers})

    async def file(self, who: str = "association", key: str | None = None, **changes: Any) -> httpx2.Response:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return await self.post(who, "/applications", {**APPLICATION, **changes}, **headers)

    async def filed(self, **changes: Any) -> str:
        answer = await self.file(**changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def attach(
        self,
        who: str,
        case: str,
        content: bytes,
        *,
        name: str = "Satzung.pdf",
        kind: str = "application/pdf",
        **more: str,
    ) -> httpx2.Response:
        """Send a file as an attachment of the case."""
        headers = {
            "Idempotency-Key": str(uuid4()), "Content-Type": kind,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        }  # fmt: skip
        path = f"/applications/v1/applications/{case}/attachments"
        return await self.client.post(path, content=content, headers={**_signed_in(who), **headers, **more})

    async def act(self, who: str, case: str, action: str, body: Any = None) -> httpx2.Response:
        """Take an action on the case as it is now."""
        seen = (await self.get("auditor", f"/applications/{case}")).headers["ETag"]
        return await self.post(who, f"/applications/{case}/{action}", body, **{"If-Match": seen})

    async def done(self, who: str, case: str, action: str, body: Any = None) -> dict[str, Any]:
        answer = await self.act(who, case, action, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def state(self, case: str) -> str:
        return str((await self.get("auditor", f"/applications/{case}")).json()["state"])

    async def proposed(self, proposal: Any = None, **changes: Any) -> str:
        case = await self.filed(**changes)
        await self.done("caseworker", case, "formal-check")
        await self.done("caseworker", case, "substance-check")
        await self.done("caseworker", case, "proposal", proposal or PROPOSAL)
        return case

    async def in_second_check(self) -> str:
        case = await self.proposed()
        await self.done("budget", case, "reservation")
        await self.done("signatory", case, "second-check")
        return case

    async def digest(self, case: str, who: str = "signatory") -> str:
        return str((await self.get(who, f"/applications/{case}/letter-content")).json()["digest"])

    async def granted(self) -> str:
        case = await self.in_second_check()
        await self.done("signatory", case, "signature", {"digest": await self.digest(case)})
        return case

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async def read(work: ApplicationsWork) -> list[Any]:
            return list(await work.connection.execute(text(sql), values))

        return await self.transactions.run(read, actor=SYSTEM("applications"))

    async def consume(self, handle: Callable[..., Any], event: Any) -> None:
        """Hand an event to its handler, in a transaction of its own, as the consumer does."""
        await self.transactions.run(lambda work: handle(event, work), actor=SYSTEM("applications"))


def _signed_in(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"}


@pytest.fixture(scope="session")
def application_body() -> dict[str, Any]:
    return deepcopy(APPLICATION)


@pytest.fixture(scope="session")
def proposal_body() -> dict[str, Any]:
    return deepcopy(PROPOSAL)


@pytest.fixture(scope="session")
def database(postgres: Any) -> Any:
    """A database of the service with its newest schema; ``owner_url`` and ``runtime_url``."""
    urls = postgres.create_database("kfi_applications_test", "kfi_applications_test_owner", "kfi_applications_test")
    asyncio.run(upgrade("kfi_applications.migrations", urls.owner_url))
    return urls


@pytest.fixture
async def emptied(database: Any) -> None:
    """No row is left of an earlier test."""
    engine = create_engine(database.owner_url, pool_size=1)
    async with engine.begin() as connection:
        for table in TABLES:
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - on tables this small faster than TRUNCATE
    await engine.dispose()


@pytest.fixture(scope="session")
def sealing_key() -> dict[str, Any]:
    return new_sealing_key()


@pytest.fixture(scope="session")
def settings(database: Any, sealing_key: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("applications")
    key_file = folder / "sealing-key.json"
    key_file.write_text(json.dumps(public_part(sealing_key)))
    person_keys_file = folder / "person-keys.json"
    KeyFile.with_a_new_key(person_keys_file)
    return ApplicationsSettings(
        profile="test",
        database_url=database.runtime_url,
        kafka_bootstrap="none:9092",
        issuer="https://issuer.example",
        jwks_url="https://issuer.example/jwks",
        http_port=0,
        sealing_key_file=key_file,
        person_keys_file=person_keys_file,
    )


@pytest.fixture(scope="session")
def api(settings: Any) -> FastAPI:
    """The routes of the service; each test gives it the transactions of its own event loop."""
    return create_api(
        "applications",
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
    work_class = type("TestedWork", (ApplicationsWork,), {"settings": settings})
    engine, calendar = create_engine(settings.database_url, pool_size=10), Calendar()
    clock = FixedClock(datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    transactions: Transactions[ApplicationsWork] = Transactions(engine, work_class, clock=clock, calendar=calendar)
    api.state.transactions = transactions
    await transactions.run(_begin, actor=SYSTEM("applications"))
    transport = httpx2.ASGITransport(app=api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://applications") as client:
        yield Desk(client, transactions, calendar, Opener([sealing_key]))
    await engine.dispose()


async def _begin(work: ApplicationsWork) -> None:
    await import_budget(TITLES, work, in_force=True)
    await import_calls(CALLS, work, in_force=True)


def _plan(name: str, this_year: str, next_year: str) -> BudgetPlan:
    years = PlannedYear(2026, Decimal(this_year)), PlannedYear(2027, Decimal("0.00"), Decimal(next_year))
    return BudgetPlan(name, years, "a test")


TITLES = {"WIDE": _plan("Wide", "500000.00", "200000.00"), "NARROW": _plan("Narrow", "30000.00", "5000.00")}
