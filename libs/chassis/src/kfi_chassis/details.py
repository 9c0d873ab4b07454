"""What `/health/details` tells of a process: each part read for itself, so that one that is down hides no other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kfi_chassis import situation
from kfi_chassis.clock import BusinessCalendar
from kfi_chassis.declaration import Role, Service
from kfi_chassis.health import Health
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.relay import Relay
from kfi_chassis.settings import ServiceSettings
from kfi_chassis.work import Transactions

_Read = Callable[[AsyncConnection], Awaitable[Mapping[str, Any]]]


def describe_service(
    health: Health,
    service: Service[Any, Any],
    settings: ServiceSettings,
    transactions: Transactions[Any],
    newest_known: Callable[[], str],
) -> None:
    """Have health tell what every process of a service can: of itself, of the database, of what lies in it."""
    engine, calendar = transactions.engine, transactions.calendar
    health.describe("process", lambda: _process(service, settings, calendar))
    health.describe("database", lambda: situation.database(engine, newest_known()))
    health.describe("outbox", lambda: _reading(engine, situation.outbox))
    health.describe("deadlines", lambda: _reading(engine, lambda c: situation.due_deadlines(c, calendar.today())))
    if (consumer := service.consumer) is not None:
        health.describe("dead_letters", lambda: _reading(engine, lambda c: situation.parked_letters(c, consumer)))
    if (key_file := settings.person_keys_file) is not None:
        health.describe("person_keys", lambda: _person_keys(key_file))
    for name, detail in service.details.items():
        health.describe(name, _bound(detail, transactions, settings))


def describe_roles(health: Health, roles: Sequence[Role]) -> None:
    """Have health tell which roles the process runs."""

    async def running() -> Mapping[str, Any]:
        return {"here": [role.value for role in roles]}

    health.describe("roles", running)


async def relay_of(relay: Relay) -> Mapping[str, Any]:
    """Whether this process holds the outbox's lock, and moves on."""
    return {"active": relay.active, "progressing": relay.progressing()}


async def _process(
    service: Service[Any, Any], settings: ServiceSettings, calendar: BusinessCalendar
) -> Mapping[str, Any]:
    return {
        "service": service.name,
        "instance": settings.instance,
        "version": version_of(service.name),
        "profile": settings.profile.value,
        "business_date": calendar.today().isoformat(),
    }


async def _person_keys(path: Path) -> Mapping[str, Any]:
    """The names of the keys that wrap persons' keys, as the file has them now."""
    keys = await asyncio.to_thread(KeyFile.read, path)
    return {"current": keys.current, "in_the_file": sorted(keys.wrapping)}


async def _reading(engine: AsyncEngine, read: _Read) -> Mapping[str, Any]:
    async with engine.connect() as connection:
        return await read(connection)


def _bound(detail: Any, transactions: Transactions[Any], settings: ServiceSettings) -> Any:
    return lambda: detail(transactions, settings)


def version_of(service: str) -> str:
    """The release of a service that runs here."""
    try:
        return version(f"kfi-{service}")
    except PackageNotFoundError:
        return "0"
