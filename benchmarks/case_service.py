"""The applications service on a database of its own, within the process of a benchmark, without Kafka and tokens.

Requests go through the whole application, from the guard of requests to PostgreSQL with fsync; only the sockets and the
check of a signature are missing.
"""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2

from kfi_applications.main import SERVICE
from kfi_applications.settings import ApplicationsSettings
from kfi_chassis.declaration import Role
from kfi_chassis.identity import Principal
from kfi_chassis.migrate import upgrade
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.problems import Unauthenticated
from kfi_chassis.process import Process, api_of, assembled
from kfi_chassis.sealing import new_sealing_key, public_part
from kfi_stack.databases import DatabaseUrls
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.servers import EXTERNAL, embedded_postgres, external_postgres, mode
from kfi_stack.supervisor import Supervisor

ACCOUNTS: Final = {
    "caseworker": Principal("account-1", "person-1", frozenset({"funding-caseworker"}), None, None, "Erika Muster"),
    "association": Principal(
        "account-2", "person-900", frozenset({"applicant"}), "organisation-7", None, "Adam Muster"
    ),
    "auditor": Principal("account-3", "person-901", frozenset({"auditor"}), None, None, "Olena Muster"),
}


@dataclass(frozen=True)
class Place:
    """A migrated database, and the settings of the service for it."""

    urls: DatabaseUrls
    settings: ApplicationsSettings


class _Accounts:
    async def verify(self, token: str) -> Principal:
        if token not in ACCOUNTS:
            raise Unauthenticated("not_valid")
        return ACCOUNTS[token]


@contextmanager
def place() -> Iterator[Place]:
    """Starts the database server KFI_SERVERS asks for and ends it."""
    with tempfile.TemporaryDirectory(prefix="kfi-benchmark-") as folder, Supervisor() as supervisor:
        postgres = _postgres(Path(folder), supervisor)
        try:
            urls = postgres.fresh_database("applications", _migrate)
            yield Place(urls, _settings(urls.runtime_url, Path(folder)))
        finally:
            postgres.drop_all()


@asynccontextmanager
async def running(where: Place) -> AsyncIterator[tuple[Process, httpx2.AsyncClient]]:
    """The service on it, and a client whose token is the name of an account."""
    process = assembled(SERVICE, where.settings)
    application = api_of(process, [Role.API])
    application.state.verifier = _Accounts()
    transport = httpx2.ASGITransport(app=application)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://kfi/applications/v1") as client:
            yield process, client
    finally:
        await process.database.close()


def signed_in(who: str) -> dict[str, str]:
    """The headers of an account's request."""
    return {"Authorization": f"Bearer {who}"}


def _postgres(folder: Path, supervisor: Supervisor) -> PostgresServer:
    if mode() == EXTERNAL:
        return external_postgres()
    return PostgresServer(embedded_postgres(folder, supervisor).admin_url)


async def _migrate(owner_url: str) -> None:
    await upgrade(SERVICE.migrations, owner_url)


def _settings(database_url: str, folder: Path) -> ApplicationsSettings:
    sealing_key, person_keys = folder / "sealing-key.json", folder / "person-keys.json"
    sealing_key.write_text(json.dumps(public_part(new_sealing_key())))
    KeyFile.with_a_new_key(person_keys)
    known: dict[str, Any] = {
        "profile": "test", "database_url": database_url, "kafka_bootstrap": "none:9092", "http_port": 0,
        "issuer": "https://issuer.example", "jwks_url": "https://issuer.example/jwks",
        "sealing_key_file": sealing_key, "person_keys_file": person_keys, "log_level": "ERROR",
    }  # fmt: skip
    return ApplicationsSettings(**known)
