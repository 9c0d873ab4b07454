"""Kafka or PostgreSQL is away while people work: all catches up by itself, and readiness told the truth meanwhile."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pytest
from tests.harness.aftermath import everything_happened_once
from tests.harness.bus import Bus, until
from tests.harness.load import Load
from tests.harness.office import Office
from tests.harness.outages import frozen
from tests.harness.recovery import caught_up
from tests.harness.size import size
from tests.harness.witness import Probes, Witness, counted

from kfi_stack.running_platform import Platform
from kfi_stack.supervisor import Supervisor

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
KAFKA, POSTGRESQL = "Apache Kafka", "PostgreSQL"
NOTICED_SECONDS = 0.5
"""So soon a look must have noticed."""
LOOK_SECONDS = 2.5
"""So long a look at a frozen database takes at most; one that began later may still have been answered."""
REST_SECONDS = 0.5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """A server and how it goes away; `seconds` until it is started or goes on."""

    server: str
    stands_still: bool
    seconds: float

    def __str__(self) -> str:
        return f"{self.server} {'frozen' if self.stands_still else 'down'}"


FAULTS = size(
    short=[Fault(KAFKA, False, 1), Fault(POSTGRESQL, False, 2)],  # a killed Kafka needs 10 s more to come back
    nightly=[Fault(server, how, 60) for server in (KAFKA, POSTGRESQL) for how in (False, True)],
)


@dataclass
class Course:
    """When the server went, when it was started again, and when it was back."""

    gone: float = 0.0
    called: float = 0.0
    back: float = 0.0


@pytest.fixture
def servers(session_servers: Any) -> Supervisor:
    if session_servers.mode != "embedded":
        pytest.skip("external servers are not ours to take away: run with KFI_SERVERS=embedded")
    supervisor: Supervisor = session_servers.supervisor
    return supervisor


async def test_what_was_away_comes_back_and_all_catches_up_by_itself(
    office: Office, bus: Bus, platform: Platform, servers: Supervisor
) -> None:
    witness = Witness()
    addresses = {name: service.url for name, service in platform.services.items()}
    async with (
        witness.people_at(platform) as people,
        Probes(addresses) as probes,
        Load(Office(people, office.observer, office.calendar), rest_seconds=REST_SECONDS) as load,
    ):
        for fault in FAULTS:
            await work_goes_on(load)
            await befalls(fault, servers, bus, probes, witness)
    assert probes.statuses("live", 0, monotonic()).keys() == {"200"}
    assert witness.improper == {}
    await everything_happened_once(load, office, bus, platform)


async def befalls(fault: Fault, servers: Supervisor, bus: Bus, probes: Probes, witness: Witness) -> None:
    """The server is away for a while; then everything comes back without anybody's help."""
    course = Course()
    async with away(fault, servers, course):
        await moment(fault.seconds)
    await until(lambda: everywhere_ready(probes, course), "readiness is green again")
    green = monotonic() - course.back
    behind = await caught_up(bus)
    tell(fault, course, witness, green=green, behind=behind)
    told_the_truth(fault, course, probes)
    people_were_told(fault, course, witness)


@asynccontextmanager
async def away(fault: Fault, servers: Supervisor, course: Course) -> AsyncIterator[None]:
    """The server is gone within the block; when it is over, it is back."""
    running = servers.running(fault.server)
    if fault.stands_still:
        async with frozen(running):
            course.gone = monotonic()
            yield
            course.called = monotonic()
    else:
        running.kill()
        servers.forget(running)
        course.gone = monotonic()
        try:
            yield
        finally:
            course.called = monotonic()
            await asyncio.to_thread(servers.start, running.program)
    course.back = monotonic()


def told_the_truth(fault: Fault, course: Course, probes: Probes) -> None:
    """Readiness is the database's and not Kafka's: without Kafka commands still work."""
    if fault.server == POSTGRESQL:
        end = course.called - (LOOK_SECONDS if fault.stands_still else 0)
        told = probes.statuses("ready", course.gone + NOTICED_SECONDS, end)
        assert told.keys() == {"503"}
    else:
        assert probes.statuses("ready", course.gone, monotonic()).keys() == {"200"}


def people_were_told(fault: Fault, course: Course, witness: Witness) -> None:
    """Without Kafka they go on working; without a database they are told to come again."""
    if fault.server == POSTGRESQL:
        assert counted(witness.between(course.gone, course.called)).keys() == {"503"}
    else:
        meanwhile = counted(witness.between(course.gone, course.back))
        assert Counter(status[0] for status in meanwhile)["5"] == 0
        assert meanwhile["200"] > 0
        assert meanwhile["201"] > 0


async def work_goes_on(load: Load) -> None:
    """Somebody has filed an application just now."""
    before = len(load.cases)

    async def more() -> bool:
        return len(load.cases) > before

    await until(more, "people work")


async def everywhere_ready(probes: Probes, course: Course) -> bool:
    """Whether a look since the server is back found all ready."""
    return probes.statuses("ready", course.back, monotonic()).keys() == {"200"}


def tell(fault: Fault, course: Course, witness: Witness, *, green: float, behind: float) -> None:
    """The figures of one fault."""
    log.warning(
        "%s: away for %.1f s, ready again after %.1f s, caught up %.1f s later; people were told %s, at longest after "
        "%.1f s", fault, course.back - course.gone, green, behind,
        dict(counted(witness.between(course.gone, course.back))),
        max((one.seconds for one in witness.between(course.gone, course.back)), default=0),
    )  # fmt: skip


async def moment(seconds: float) -> None:
    """Lets time pass: here it is the time itself that is under test, not an outcome to wait for."""
    await asyncio.sleep(seconds)
