"""Wherever the platform keeps or says something, and whom these places name."""

from collections.abc import AsyncIterator, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import httpx2
from tests.harness.bus import Bus

from kfi_contracts.topics import ALL_TOPICS
from kfi_stack.databases import connection_to
from kfi_stack.running_platform import SERVICES, Platform

from .planted import NAMES, NAMES_OF_HOUSEHOLDS, named

OF_THE_WORLD_OUTSIDE: Final = {"print-spool", "mail"}


class Places:
    """Wherever something is kept or said."""

    def __init__(self, platform: Platform, bus: Bus, servers: Path) -> None:
        self._platform, self._bus, self._servers = platform, bus, servers

    async def everywhere(self) -> dict[str, set[str]]:
        """The places that name somebody."""
        parts = [[place async for place in part] for part in (self._topics(), self._tables(), self._metrics())]
        return dict(named(chain(self._files(), *parts))) | dict(self._server_logs())

    def _server_logs(self) -> Iterator[tuple[str, set[str]]]:
        """What PostgreSQL and Kafka say, and the records as Kafka has them on its disk, searched as they stand."""
        for file in self._servers.rglob("*.log"):
            content = file.read_bytes().lower()
            if names := {name for name in (*NAMES, *NAMES_OF_HOUSEHOLDS) if name.encode() in content}:
                yield f"file {file.relative_to(self._servers)}", names

    async def _topics(self) -> AsyncIterator[tuple[str, object]]:
        for topic in ALL_TOPICS:
            for record in await self._bus.records(topic.name):
                for part in (record.key, record.value, *(value for _, value in record.headers)):
                    yield f"topic {topic.name}", part or b""

    async def _tables(self) -> AsyncIterator[tuple[str, object]]:
        for service in SERVICES:
            async with connection_to(self._platform.databases[service].owner_url) as owner:
                for (table,) in await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                    for row in await owner.fetch(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name of the catalogue
                        for column, value in row.items():
                            yield f"{service}.{table}.{column}", value

    async def _metrics(self) -> AsyncIterator[tuple[str, object]]:
        async with httpx2.AsyncClient(timeout=10) as http:
            for service in self._platform.services.values():
                for page in ("metrics", "health/details"):
                    yield f"{page} of {service.name}", (await http.get(f"{service.url}/{page}")).content

    def _files(self) -> Iterator[tuple[str, object]]:
        for file in self._platform.folder.rglob("*"):
            inside = file.relative_to(self._platform.folder)
            if file.is_file() and inside.parts[0] not in OF_THE_WORLD_OUTSIDE:
                yield f"file {inside}", file.read_bytes()
