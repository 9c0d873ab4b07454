"""Everything that can be killed while a platform runs: services, their roles as processes of their own, servers.

In the platform of the tests a service is one process. Here its roles run apart, as in production, so that each can die
alone; what was before is there again in the end.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from time import monotonic
from typing import Any

from kfi_chassis.declaration import Role
from kfi_stack import ports
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.services import ServiceProcess
from kfi_stack.supervisor import Running, Supervisor

from .sights import Sight, accounts_at
from .size import size

LAYOUT: Mapping[str, tuple[Role, ...]] = size(
    short={"front": (Role.API, Role.CONSUMER, Role.WORKER), "relay": (Role.RELAY,)},
    nightly={role.value: (role,) for role in Role},
)
"""Which roles share a process. Each further process costs a second of a core at each start."""
READY_SECONDS = 180
"""What a process needs to be ready, its database above all, may be killed again and again meanwhile."""
KAFKA, POSTGRESQL = "Apache Kafka", "PostgreSQL"


@dataclass
class Mortal:
    """One program that may be killed; `service` is its place in a service, if it is one."""

    name: str
    supervisor: Supervisor
    running: Running
    service: ServiceProcess | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Estate:
    """The programs by name, how often each was killed, and what was last seen of their counters."""

    def __init__(self, mortals: Sequence[Mortal]) -> None:
        self.mortals = {mortal.name: mortal for mortal in mortals}
        self.lives = dict.fromkeys(self.mortals, 1)
        self.slowest: dict[str, float] = {}
        """By program, after how many seconds it was ready again, at worst."""
        self._sights: dict[tuple[str, int], Sight] = {}

    @property
    def sights(self) -> tuple[Sight, ...]:
        """The last one of each life of each process."""
        return tuple(self._sights.values())

    async def kill(self, names: Sequence[str]) -> None:
        """Kills the programs at once and starts them again, side by side."""
        async with AsyncExitStack() as locks:
            for name in sorted(names):
                await locks.enter_async_context(self.mortals[name].lock)
            gone = [self.mortals[name] for name in names]
            await asyncio.gather(*(asyncio.to_thread(mortal.running.kill) for mortal in gone))
            for mortal in gone:
                mortal.supervisor.forget(mortal.running)
                self.lives[mortal.name] += 1
            await asyncio.gather(*map(self._started, gone))

    async def _started(self, mortal: Mortal) -> None:
        since = monotonic()
        mortal.running = await asyncio.to_thread(mortal.supervisor.start, mortal.running.program)
        self.slowest[mortal.name] = max(self.slowest.get(mortal.name, 0.0), round(monotonic() - since, 1))

    async def look_at(self, names: Sequence[str]) -> None:
        """Note the counters of those of the programs that have a consumer and answer."""
        for name in names:
            mortal, life = self.mortals[name], self.lives[name]
            if mortal.service is not None and Role.CONSUMER.value in mortal.service.roles and not mortal.lock.locked():
                accounts = await accounts_at(mortal.service.url)
                if accounts is not None and self.lives[name] == life:
                    self._sights[name, life] = Sight(f"{name}, life {life}", mortal.service.name, accounts)


@asynccontextmanager
async def roles_apart(platform: Platform, servers: Any) -> AsyncIterator[Estate]:
    """Each service's roles in processes of their own within the block; beside them the servers, where they are ours."""
    mortals = [
        mortal for apart in await asyncio.gather(*(_apart(platform, name) for name in SERVICES)) for mortal in apart
    ]
    if servers.mode == "embedded":
        mortals += [Mortal(name, servers.supervisor, servers.supervisor.running(name)) for name in (KAFKA, POSTGRESQL)]
    estate = Estate(mortals)
    try:
        yield estate
    finally:
        await asyncio.gather(*(_together(platform, name, estate) for name in SERVICES))


async def _apart(platform: Platform, name: str) -> list[Mortal]:
    """The one process of the service is killed; its roles come back apart."""
    await asyncio.to_thread(platform.running[name].kill)
    platform.supervisor.forget(platform.running[name])
    processes = processes_of(platform.services[name])
    programs = [
        replace(process.program(platform.folder / "logs"), name=f"{name} {part}", ready_within=READY_SECONDS)
        for part, process in processes.items()
    ]
    running = await asyncio.gather(*(asyncio.to_thread(platform.supervisor.start, program) for program in programs))
    return [
        Mortal(one.program.name, platform.supervisor, one, process)
        for one, process in zip(running, processes.values(), strict=True)
    ]


def processes_of(whole: ServiceProcess) -> dict[str, ServiceProcess]:
    """The processes of a service in the layout: the API keeps its port, the consumer its membership."""
    declared = {point.name: point.load().roles for point in entry_points(group="kfi.services")}[whole.name]
    processes = {}
    for part, roles in LAYOUT.items():
        held = tuple(role.value for role in roles if role in declared)
        if held:
            port = whole.port if Role.API in roles else ports.free_port()
            instance = whole.instance if Role.CONSUMER in roles else f"{whole.instance}-{part}"
            processes[part] = replace(whole, roles=held, port=port, instance=instance)
    return processes


async def _together(platform: Platform, name: str, estate: Estate) -> None:
    """The parts are killed; the service comes back as one process."""
    for mortal in estate.mortals.values():
        if mortal.service is not None and mortal.service.name == name:
            await asyncio.to_thread(mortal.running.kill)
            with suppress(ValueError):  # it did not come back: the supervisor has given it up itself
                platform.supervisor.forget(mortal.running)
    platform.running[name] = await asyncio.to_thread(platform.start_service, name)
