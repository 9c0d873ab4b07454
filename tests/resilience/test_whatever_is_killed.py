"""Killed at any instruction: while people work, services and servers die; nothing is lost, nothing happens twice."""

import asyncio
import logging
import os
import random
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from tests.harness.aftermath import everything_happened_once
from tests.harness.bus import Bus
from tests.harness.load import Load
from tests.harness.office import Office
from tests.harness.outages import frozen, killed_and_started
from tests.harness.size import size

from kfi_stack.demo.observer import Observer
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.supervisor import Supervisor

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = size(short=3, nightly=25)
FROZEN_SECONDS = 3.0
log = logging.getLogger(__name__)


@pytest.fixture
def seed() -> int:
    """Decides the moments of this run; the log of a failed test names it, and `KFI_SEED` has the same again."""
    number = int(os.environ.get("KFI_SEED", random.randrange(2**32)))  # noqa: S311 - moments are no secret
    log.warning("KFI_SEED=%d", number)
    return number


async def test_services_killed_while_people_work(office: Office, bus: Bus, platform: Platform, seed: int) -> None:
    async with Load(office) as load:
        await asyncio.gather(*(killed_again_and_again(platform, office.observer, name, seed) for name in SERVICES))
    await everything_happened_once(load, office, bus, platform)
    await asyncio.gather(*(every_audit_chain_is_whole(platform, name) for name in SERVICES))


async def test_kafka_killed_and_postgresql_frozen_at_once_while_people_work(
    office: Office, bus: Bus, platform: Platform, seed: int, session_servers: Any
) -> None:
    if session_servers.mode != "embedded":
        pytest.skip("external servers are not ours to kill: run with KFI_SERVERS=embedded")
    servers: Supervisor = session_servers.supervisor
    async with Load(office) as load:
        await moment(random.Random(seed).uniform(0.1, 1.0))  # noqa: S311 - see above
        async with frozen(servers.running("PostgreSQL")):
            starting = asyncio.create_task(
                asyncio.to_thread(killed_and_started, servers, servers.running("Apache Kafka"))
            )
            await moment(FROZEN_SECONDS)
        await starting
        platform.calendar.move_to(platform.calendar.today() + timedelta(days=4))
    await everything_happened_once(load, office, bus, platform)


async def killed_again_and_again(platform: Platform, observer: Observer, name: str, seed: int) -> None:
    """Kills the service and starts it again; days pass meanwhile, so there is much to do."""
    chance = random.Random(f"{seed} {name}")  # noqa: S311 - see above
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


async def moment(seconds: float) -> None:
    """Lets time pass: here it is the time itself that is under test, not an outcome to wait for."""
    await asyncio.sleep(seconds)
