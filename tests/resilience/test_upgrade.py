"""A new release under load: migrated while people work, old and new side by side, the old one gone; nothing lost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import fields, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from tests.harness import load as load_of_people
from tests.harness.aftermath import everything_happened_once
from tests.harness.bus import Bus, until
from tests.harness.load import Load
from tests.harness.office import Office
from tests.harness.outages import killed_and_started
from tests.harness.size import size

from kfi_stack.databases import connection_to
from kfi_stack.demo.people import People
from kfi_stack.demo.person import Person
from kfi_stack.demo.story import APPLICATIONS
from kfi_stack.ports import free_port
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.supervisor import Running

from .next_release import MAIN_TABLES, REVISION, NextRelease

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
CASES = size(short=2, nightly=30)
"""How many cases more are filed before the next step of the upgrade."""
REST_SECONDS = 0.8
"""Between two cases of a person: the starts of the programs are under test here, and what they cost is theirs."""
SOON_MISSED = {"CONSUMER_SESSION_TIMEOUT_MS": "6000"}
"""The least that brokers allow: so long the partitions of a replica that is gone for good wait for it."""
ROLLED_OUT = size(short=("applications",), nightly=SERVICES)
READY_WITHIN_SECONDS = 30.0


class Rollout:
    """The steps of an upgrade, each of them for all services rolled out at once."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform = platform
        self._releases = {name: NextRelease(name, folder) for name in ROLLED_OUT}
        self._beside: list[Running] = []
        self.ports = {name: free_port() for name in ROLLED_OUT}
        for release in self._releases.values():
            release.make()

    def migrate(self) -> None:
        """The new release's migration, as the owner of the tables."""
        for name, release in self._releases.items():
            settings = {
                "PYTHONPATH": str(release.folder),
                "KFI_MIGRATION_URL": self._platform.databases[name].owner_url,
            }
            command = [sys.executable, "-m", release.module, "migrate"]
            subprocess.run(command, env=os.environ | settings, check=True, capture_output=True)

    def kill_and_start_the_old(self) -> None:
        """An old replica dies after the migration, and must be ready again."""
        self._each(lambda name: killed_and_started(self._platform.supervisor, self._of_this_release(name)))

    def start_the_new_beside(self) -> None:
        """A replica of the new release for each of the old ones."""

        def beside(name: str) -> Running:
            service = self._platform.services[name]
            process = replace(service, port=self.ports[name], instance="2", own={**service.own, **SOON_MISSED})
            program = process.program(self._platform.folder / "logs")
            return self._platform.supervisor.start(self._releases[name].program(program))

        self._beside = list(self._all(beside).values())

    def replace_the_old(self) -> None:
        """The old replica is stopped, the new release takes its place."""

        def replaced(name: str) -> Running:
            running = self._platform.running[name]
            running.stop()
            self._platform.supervisor.forget(running)
            return self._platform.supervisor.start(self._releases[name].program(running.program))

        self._each(replaced)

    def stop_the_one_beside(self) -> None:
        """One replica is enough again."""
        for running in self._beside:
            running.stop()
            self._platform.supervisor.forget(running)
        self._beside = []

    def go_back(self) -> None:
        """This release again, for the tests that follow; its programs work with the database as it is."""
        self.stop_the_one_beside()

        def back(name: str) -> Running:
            running = self._platform.running[name]
            running.stop()
            with suppress(ValueError):  # it is forgotten already where a start of it failed
                self._platform.supervisor.forget(running)
            return self._platform.start_service(name)

        self._each(back)

    def _of_this_release(self, name: str) -> Running:
        running = self._platform.running[name]
        running.program = replace(running.program, ready_within=READY_WITHIN_SECONDS)
        return running

    def _each(self, act: Any) -> None:
        self._platform.running |= self._all(act)

    def _all(self, act: Any) -> dict[str, Running]:
        with ThreadPoolExecutor(len(ROLLED_OUT)) as pool:
            return dict(zip(ROLLED_OUT, pool.map(act, ROLLED_OUT), strict=True))


class Either:
    """One person who asks now one and now the other replica of applications, as a load balancer would send it."""

    def __init__(self, at_the_gateway: Person, past_it: Person) -> None:
        self._at_the_gateway = at_the_gateway
        self._turns = cycle((at_the_gateway, past_it))

    def __getattr__(self, name: str) -> Any:
        def ask(path: str, *more: Any, **named: Any) -> Any:
            person = next(self._turns) if path.startswith(APPLICATIONS) else self._at_the_gateway
            return getattr(person, name)(path, *more, **named)

        return ask


@asynccontextmanager
async def office_at_both(office: Office, platform: Platform, port: int) -> AsyncIterator[Office]:
    """The same people, at the gateway and, past it, at another replica of applications."""
    async with AsyncExitStack() as opened:
        both: dict[str, Any] = {}
        for field in fields(People):
            person = getattr(office.people, field.name)
            there = Person(person.login, f"http://127.0.0.1:{port}", platform.tokens)
            both[field.name] = Either(person, await opened.enter_async_context(there))
        yield Office(People(**both), office.observer, office.calendar)


async def test_a_new_release_is_rolled_out_while_people_work(
    office: Office, bus: Bus, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_of_people, "REST_SECONDS", REST_SECONDS)
    rollout = Rollout(platform, tmp_path)
    steps = (
        rollout.migrate,
        rollout.kill_and_start_the_old,
        rollout.start_the_new_beside,
        rollout.replace_the_old,
        rollout.stop_the_one_beside,
    )
    try:
        async with (
            office_at_both(office, platform, rollout.ports["applications"]) as both,
            Load(both, at_least=1) as load,
        ):
            for step in steps:
                await filed(len(load.cases) + CASES, load)
                await asyncio.to_thread(step)
            await filed(len(load.cases) + CASES, load)
        await everything_happened_once(load, office, bus, platform)
        await both_releases_recorded_events(bus, load)
    finally:
        await asyncio.to_thread(rollout.go_back)
        await without_the_migration(platform)


async def test_every_service_can_have_a_next_release(tmp_path: Path) -> None:
    for name in SERVICES:
        NextRelease(name, tmp_path).make()


async def filed(count: int, load: Load) -> None:
    """Wait until so many cases are under way."""

    async def enough() -> bool:
        return len(load.cases) >= count

    await until(enough, f"{count} cases are filed")


async def both_releases_recorded_events(bus: Bus, load: Load) -> None:
    """Old code and new code wrote to the same outbox, and for some cases both did."""
    by_case = (
        "SELECT array_agg(DISTINCT coalesce(recorded_by, 'this')) AS by FROM outbox WHERE key = ANY($1) GROUP BY key"
    )
    rows = await bus.rows("applications", by_case, [case.id for case in load.cases])
    assert ["next release", "this"] in [sorted(row["by"]) for row in rows]


async def without_the_migration(platform: Platform) -> None:
    """The database as the tests that follow expect it."""
    for name in ROLLED_OUT:
        async with connection_to(platform.databases[name].owner_url) as owner:
            await owner.execute(f"""
                DELETE FROM schema_revision WHERE revision = '{REVISION}';
                UPDATE alembic_version SET version_num = (SELECT max(revision) FROM schema_revision);
                ALTER TABLE {MAIN_TABLES[name]} DROP COLUMN IF EXISTS kept_until;
                ALTER TABLE outbox DROP COLUMN IF EXISTS recorded_by
            """)  # noqa: S608
