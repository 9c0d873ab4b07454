"""Killed at any instruction: while people work, services and servers die; nothing is lost, nothing happens twice."""

import asyncio
import contextlib
import logging
import os
import random
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from kfi_stack.demo.observer import Observer
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.supervisor import Running, Supervisor

from .aftermath import everything_happened_once
from .bus import Bus
from .load import Load
from .office import Office

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = 3
FROZEN_SECONDS = 3.0
log = logging.getLogger(__name__)


@pytest.fixture
def chance() -> random.Random:
    """The moments of this run; the log of a failed test names the seed, `KFI_SEED` has it again."""
    seed = int(os.environ.get("KFI_SEED", random.randrange(2**32)))  # noqa: S311 - moments are no secret
    log.warning("KFI_SEED=%d", seed)
    return random.Random(seed)  # noqa: S311 - see above


async def test_services_killed_while_people_work(
    office: Office, bus: Bus, platform: Platform, chance: random.Random
) -> None:
    async with Load(office) as load:
        await asyncio.gather(*(killed_again_and_again(platform, office.observer, name, chance) for name in SERVICES))
    await everything_happened_once(load, office, bus, platform)
    await asyncio.gather(*(every_audit_chain_is_whole(platform, name) for name in SERVICES))


async def test_kafka_killed_and_postgresql_frozen_at_once_while_people_work(
    office: Office, bus: Bus, platform: Platform, chance: random.Random, session_servers: Any
) -> None:
    if session_servers.mode != "embedded":
        pytest.skip("external servers are not ours to kill: run with KFI_SERVERS=embedded")
    servers: Supervisor = session_servers.supervisor
    async with Load(office) as load:
        await moment(chance.uniform(0.1, 1.0))
        async with frozen(servers.running("PostgreSQL")):
            starting = asyncio.create_task(
                asyncio.to_thread(killed_and_started, servers, servers.running("Apache Kafka"))
            )
            await moment(FROZEN_SECONDS)
        await starting
        platform.calendar.move_to(platform.calendar.today() + timedelta(days=4))
    await everything_happened_once(load, office, bus, platform)


async def killed_again_and_again(platform: Platform, observer: Observer, name: str, chance: random.Random) -> None:
    """Kills the service and starts it again; days pass meanwhile, so there is much to do."""
    for attempt in range(ROUNDS):
        if attempt % 2:
            await moment(chance.uniform(0.1, 1.2))
        else:  # when much has just happened: stored, published, perhaps not yet noted as published or committed
            await next_event_of(name, observer)
            await moment(chance.uniform(0, 0.03))
        platform.running[name] = await asyncio.to_thread(
            killed_and_started, platform.supervisor, platform.running[name]
        )
        platform.calendar.move_to(platform.calendar.today() + timedelta(days=4))


async def next_event_of(name: str, observer: Observer) -> None:
    """Waits for the next event that the service publishes on the topic of its own."""
    now = monotonic()
    await observer.wait_for(
        f"an event of {name}", lambda seen: seen.at > now and seen.envelope.source == f"/kfi/{name}"
    )


async def every_audit_chain_is_whole(platform: Platform, name: str) -> None:
    """The operator's command recomputes them and ends with 0."""
    told = await asyncio.to_thread(platform.command, "kfi", "audit", "verify", "--service", name, service=name)
    assert "are whole" in told


def killed_and_started(supervisor: Supervisor, running: Running) -> Running:
    """The same program, after a SIGKILL and a new start."""
    running.kill()
    supervisor.forget(running)
    return supervisor.start(running.program)


@contextlib.asynccontextmanager
async def frozen(running: Running) -> AsyncIterator[None]:
    """The program and all its children stand still (SIGSTOP) within the block."""
    family = family_of(running)
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def family_of(running: Running) -> list[int]:
    """The program and its children; PostgreSQL has one for each connection, each in a session of its own."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return [running.pid, *map(int, children)]


async def moment(seconds: float) -> None:
    """Lets time pass: here it is the time itself that is under test, not an outcome to wait for."""
    await asyncio.sleep(seconds)
