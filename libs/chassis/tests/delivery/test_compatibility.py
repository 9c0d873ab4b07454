"""Expand and contract: which releases a database works with, and that its change holds up nobody."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from kfi_chassis import migrate
from kfi_chassis.database import create_engine, plain_url
from kfi_chassis.migrate import MigrationRefused, upgrade
from kfi_chassis.process import Database

pytestmark = pytest.mark.servers
CHASSIS = (
    "from kfi_chassis.migrations import create_chassis_tables_v1, queue_the_outbox\n"
    "    create_chassis_tables_v1(op); queue_the_outbox(op)"
)
REVISION = """
from alembic import op

revision = "{revision}"
down_revision = {before}
{declared}

def upgrade() -> None:
    {step}
"""
NAMES = ("c3", "a1", "b2", "a0")
"""Revisions in their order; names say nothing about it."""


@dataclass
class Releases:
    """Releases of one service, each with one revision more; all migrate and ask the same database."""

    folder: Path
    urls: Any

    def __post_init__(self) -> None:
        self.name = uuid4().hex
        self._steps: list[str] = []
        self.engine = create_engine(self.urls.runtime_url)

    def make(self, step: str, *, compatible_from: str | None = None) -> str:
        """The next release; its package of revisions."""
        number = len(self._steps)
        declared = "" if compatible_from is None else f"compatible_from = {compatible_from!r}"
        before = repr(NAMES[number - 1]) if number else None
        self._steps.append(REVISION.format(revision=NAMES[number], before=before, declared=declared, step=step))
        package = f"release_{number}_{self.name}"
        versions = self.folder / package / "versions"
        versions.mkdir(parents=True)
        (versions.parent / "__init__.py").touch()
        for name, content in zip(NAMES, self._steps, strict=False):
            (versions / f"{name}.py").write_text(content)
        importlib.invalidate_caches()
        return package

    async def migrate(self, package: str) -> None:
        await upgrade(package, self.urls.owner_url)

    async def ready(self, package: str) -> bool:
        """What a process of this release answers that starts now."""
        return await Database(self.engine, package).ready()


@pytest.fixture
def empty(postgres: Any) -> Iterator[Any]:
    name = f"kfi_empty_{uuid4().hex[:8]}"
    yield postgres.create_database(name, "kfi_empty_owner", "kfi_empty")
    postgres.drop_database(name)


@pytest_asyncio.fixture
async def releases(tmp_path: Path, empty: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Releases]:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    releases = Releases(tmp_path, empty)
    yield releases
    await releases.engine.dispose()


async def test_an_old_release_is_ready_after_a_compatible_change_and_a_new_one_only_after_it(
    releases: Releases,
) -> None:
    old, new = releases.make(CHASSIS), releases.make("op.execute('CREATE TABLE a (n int)')", compatible_from="c3")
    await releases.migrate(old)
    assert (await releases.ready(old), await releases.ready(new)) == (True, False)
    await releases.migrate(new)
    assert (await releases.ready(old), await releases.ready(new)) == (True, True)


async def test_no_release_is_ready_without_its_change_or_beside_one_that_breaks_it(releases: Releases) -> None:
    first = releases.make(CHASSIS)
    second = releases.make("op.execute('CREATE TABLE a (n int)')", compatible_from="c3")
    third = releases.make("op.execute('DROP TABLE a')", compatible_from="a1")
    fourth = releases.make("op.execute('DROP TABLE dead_letter')")
    everybody = (first, second, third, fourth)
    told = []
    for release in everybody:
        await releases.migrate(release)
        told.append([await releases.ready(each) for each in everybody])
    assert told == [
        [True, False, False, False],
        [True, True, False, False],
        [False, True, True, False],
        [False, False, False, True],
    ]


async def test_a_running_process_is_not_ready_any_more_once_the_database_leaves_it_behind(releases: Releases) -> None:
    old, new = releases.make(CHASSIS), releases.make("op.execute('DROP TABLE dead_letter')")
    await releases.migrate(old)
    running = Database(releases.engine, old)
    assert await running.ready()
    await releases.migrate(new)
    assert not await running.ready()


async def test_an_old_release_leaves_a_database_that_is_ahead_as_it_is(releases: Releases) -> None:
    old, new = releases.make(CHASSIS), releases.make("op.execute('CREATE TABLE a (n int)')", compatible_from="c3")
    await releases.migrate(new)
    await releases.migrate(old)
    assert await releases.ready(new)


async def test_an_old_release_is_told_that_the_database_is_too_new_for_it(releases: Releases) -> None:
    old, new = releases.make(CHASSIS), releases.make("op.execute('DROP TABLE dead_letter')")
    await releases.migrate(new)
    with pytest.raises(MigrationRefused, match="revision a1, which a release of revision c3 does not work with"):
        await releases.migrate(old)


async def test_a_change_waits_for_a_long_transaction_without_holding_up_the_others(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads for long; the change wants the table for itself; whoever comes after it would wait for both."""
    monkeypatch.setattr(migrate, "_LONGEST_PAUSE_SECONDS", 0.5)
    old, new = (
        releases.make(CHASSIS),
        releases.make("op.execute('ALTER TABLE inbox ADD seen int')", compatible_from="c3"),
    )
    await releases.migrate(old)
    url = plain_url(releases.urls.runtime_url)
    reader, worker = await asyncpg.connect(url), await asyncpg.connect(url)
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("SELECT * FROM inbox")
    changing = asyncio.create_task(releases.migrate(new))
    longest, until = 0.0, monotonic() + 2.0
    while monotonic() < until:
        asked = monotonic()
        await worker.execute("INSERT INTO inbox (consumer, event_id) VALUES ('c', $1)", uuid4(), timeout=10)
        longest = max(longest, monotonic() - asked)
    assert not changing.done()
    assert 0.1 < longest < migrate.LOCK_SECONDS + 1.0
    await reading.rollback()
    await changing
    assert await releases.ready(new)
    for connection in (reader, worker):
        await connection.close()


async def test_a_table_that_stays_locked_is_told_with_what_to_do(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_PATIENCE_SECONDS", 0.0)
    old, new = releases.make(CHASSIS), releases.make("op.execute('ALTER TABLE inbox ADD seen int')")
    await releases.migrate(old)
    reader = await asyncpg.connect(plain_url(releases.urls.runtime_url))
    async with reader.transaction():
        await reader.fetch("SELECT * FROM inbox")
        with pytest.raises(MigrationRefused, match="pg_stat_activity"):
            await releases.migrate(new)
    await reader.close()
