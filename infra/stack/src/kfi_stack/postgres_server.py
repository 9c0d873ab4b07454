"""A PostgreSQL that tests use, embedded or external: makes databases for them and drops them again."""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar
from uuid import uuid4

from kfi_stack import databases
from kfi_stack.credentials import Credentials
from kfi_stack.databases import Database, DatabaseUrls

T = TypeVar("T")
Migrate = Callable[[str], Awaitable[None]]
"""Brings the empty database of an owner URL to the newest schema."""


class PostgresServer:
    """One server and what this session made on it; its methods serve synchronous and async tests alike."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._databases: set[str] = set()
        self._roles: dict[str, Credentials] = {}
        self._templates: dict[str, str] = {}
        self._lock = threading.RLock()

    def create_database(self, name: str, owner: str, runtime: str, *, template: str = "template1") -> DatabaseUrls:
        """Makes a database with its two roles and returns the URLs of both; a role may serve several databases."""
        with self._lock:
            database = Database(name, self._role(owner), self._role(runtime), template)
            self._databases.add(name)
            return in_own_thread(databases.apply_database(self.admin_url, database))

    def fresh_database(self, service: str, migrate: Migrate) -> DatabaseUrls:
        """Returns a migrated database nobody else has.

        `migrate` runs once per service and session, on a template; the databases are copies of it.
        """
        owner, runtime = databases.service_roles(service)
        with self._lock:
            if service not in self._templates:
                template = f"template_{service}_{uuid4().hex[:12]}"
                in_own_thread(_migrated(migrate, self.create_database(template, owner, runtime).owner_url))
                self._templates[service] = template
            name = f"kfi_{service}_{uuid4().hex[:12]}"
            return self.create_database(name, owner, runtime, template=self._templates[service])

    def drop_database(self, name: str) -> None:
        """Drops one database, ending the connections to it."""
        with self._lock:
            in_own_thread(databases.drop_database(self.admin_url, name))
            self._databases.discard(name)

    def drop_all(self) -> None:
        """Drops every database and role this session made."""
        for name in list(self._databases):
            self.drop_database(name)
        for name in self._roles:
            in_own_thread(databases.drop_role(self.admin_url, name))

    def _role(self, name: str) -> Credentials:
        return self._roles.setdefault(name, Credentials(name, secrets.token_urlsafe(18)))


async def _migrated(migrate: Migrate, owner_url: str) -> None:
    await migrate(owner_url)


def in_own_thread(work: Coroutine[object, object, T]) -> T:
    """Runs the coroutine to its end in an event loop of its own, also when the caller's thread has one running."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work))
        except BaseException as problem:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(problem)

    thread = threading.Thread(target=run, name="own event loop")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]
