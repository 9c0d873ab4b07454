"""The whole platform as the benchmarks drive it: embedded servers with fsync, a budget that never runs out."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from kfi_stack import servers
from kfi_stack.databases import connection_to
from kfi_stack.demo.cases import BUDGET, YEAR
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.supervisor import Supervisor

ENDLESS = {"year": YEAR, "appropriation": "9999999999.00", "commitment_authorisation": "0.00"}
SERVERS = ("PostgreSQL", "Apache Kafka")


@contextmanager
def running_platform() -> Iterator[Platform]:
    """One platform in a temporary folder; nothing of it is left."""
    budget = {"titles": [title | {"years": [ENDLESS]} for title in BUDGET["titles"]]}
    made = tempfile.TemporaryDirectory(prefix="kfi-benchmark-", ignore_cleanup_errors=True)
    with made as name, Supervisor() as supervisor:
        folder = Path(name)
        platform = Platform(folder, servers.chosen(folder, supervisor, print), supervisor, say=print)
        platform.start(budget=budget)
        yield platform


def programs(platform: Platform, of_servers: Supervisor | None = None) -> Mapping[str, int]:
    """The process ids of what runs, by name; of the servers, which another supervisor may own, those it has."""
    found = {name: platform.running[name].pid for name in (*SERVICES, "gateway")}
    for name in SERVERS:
        with suppress(KeyError):
            found[name] = (of_servers or platform.supervisor).running(name).pid
    return found


async def rows(platform: Platform, service: str, query: str, *arguments: object) -> list[Any]:
    """Rows of a service's database."""
    async with connection_to(platform.databases[service].runtime_url) as connection:
        found: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        return found
