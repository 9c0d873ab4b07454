"""Services as two replicas behind a gateway of their own, as in production, and the restart of one after the other."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from kfi_stack import ports
from kfi_stack.gateway import Service
from kfi_stack.running_platform import Platform
from kfi_stack.services import ServiceProcess
from kfi_stack.supervisor import Running

from .bus import until
from .evidence import CONSUMERS
from .sights import accounts_at

LOOK_SECONDS = 0.25
DRAIN_SECONDS = 1.0
"""Longer than the gateway needs to notice that a replica is no longer ready."""
SESSION_SECONDS = 30
"""Longer than a restart takes on a busy machine: else the group gives the partitions of a replica away."""
SETTINGS = {"DRAIN_SECONDS": str(DRAIN_SECONDS), "CONSUMER_SESSION_TIMEOUT_MS": str(SESSION_SECONDS * 1000)}
ASSIGNED = "partitions_assigned"


@dataclass
class Replica:
    """One process of a service."""

    process: ServiceProcess
    running: Running
    duplicates: int = 0
    """Records that its earlier lives were handed although they had been dealt with."""

    @property
    def name(self) -> str:
        """Its service and its number."""
        return f"{self.process.name}-{self.process.instance}"


@dataclass
class Replicas:
    """Two of each service; where people find them is the gateway of `platform`."""

    platform: Platform
    gateway_url: str
    all: list[Replica] = field(default_factory=list)

    @property
    def tokens(self) -> object:
        """Signs people in, as the platform does."""
        return self.platform.tokens

    async def restart(self, replica: Replica) -> None:
        """SIGTERM, and when all in flight is done and the process is gone, a new start."""
        replica.duplicates += await self._duplicates(replica)
        await asyncio.to_thread(replica.running.stop)
        assert replica.running.keeper.returncode == 0, f"{replica.name} did not finish what it had in flight"
        self.platform.supervisor.forget(replica.running)
        replica.running = await self._started(replica.process)

    async def redelivered(self) -> Mapping[str, int]:
        """By replica, how many records came to all its lives although they had been dealt with."""
        return {one.name: one.duplicates + await self._duplicates(one) for one in self.all}

    def assignments(self) -> Counter[str]:
        """By replica, how often it was given partitions: once in each of its lives, if the group is left in peace."""
        return Counter({one.name: _told_in_log(self.platform, one, ASSIGNED) for one in self.all})

    async def _duplicates(self, replica: Replica) -> int:
        accounts = await accounts_at(replica.process.url)
        return sum(account["duplicate"] for account in (accounts or {}).values())

    async def _started(self, process: ServiceProcess) -> Running:
        return await asyncio.to_thread(self.platform.supervisor.start, process.program(self.platform.folder / "logs"))


@asynccontextmanager
async def replicated(platform: Platform, names: Sequence[str], admin: AIOKafkaAdminClient) -> AsyncIterator[Replicas]:
    """Two replicas of each of these services within the block; afterwards the one process there was before."""
    processes = [one for name in names for one in _processes(platform.services[name])]
    address, gateway = _gateway(platform, processes)
    replicas = Replicas(platform, address)
    await asyncio.gather(*(_killed(platform, platform.running[name]) for name in names))
    started = await asyncio.gather(*(replicas._started(process) for process in processes))
    replicas.all = [Replica(process, running) for process, running in zip(processes, started, strict=True)]
    door = await asyncio.to_thread(platform.supervisor.start, gateway)
    try:
        await until(lambda: _all_partitions_assigned(names, admin), "every replica is a member of its group")
        yield replicas
    finally:
        await asyncio.gather(*(_killed(platform, one) for one in (door, *(each.running for each in replicas.all))))
        await asyncio.gather(*(_as_before(platform, name, admin) for name in names))


def _processes(whole: ServiceProcess) -> list[ServiceProcess]:
    """The one there is, and another one; its membership and its port are its own."""
    first = replace(whole, own={**whole.own, **SETTINGS})
    return [first, replace(first, instance="2", port=ports.free_port())]


def _gateway(platform: Platform, processes: Iterable[ServiceProcess]) -> tuple[str, object]:
    port, admin_port = ports.free_ports(2)
    found: dict[str, list[int]] = {name: [service.port] for name, service in platform.services.items()}
    for process in processes:
        if process.port not in found[process.name]:
            found[process.name].append(process.port)
    services = tuple(Service(name, first, further_ports=tuple(further)) for name, (first, *further) in found.items())
    gateway = replace(
        platform._gateway(), port=port, admin_port=admin_port, services=services, look_seconds=LOOK_SECONDS
    )
    return f"http://{ports.LOOPBACK}:{port}", gateway.program(platform.folder / "gateway-to-replicas")


async def _killed(platform: Platform, running: Running) -> None:
    await asyncio.to_thread(running.kill)
    platform.supervisor.forget(running)


async def _as_before(platform: Platform, name: str, admin: AIOKafkaAdminClient) -> None:
    """A killed member would keep its partitions for the whole session timeout: it is told to leave."""
    for group in _groups(name):
        for member in await _members(group, admin):
            coordinator = await admin.find_coordinator(group)
            await admin._send_request(LeaveGroupRequest(group, member), coordinator)
    platform.running[name] = await asyncio.to_thread(platform.start_service, name)


async def _all_partitions_assigned(names: Sequence[str], admin: AIOKafkaAdminClient) -> bool:
    """Whether each group is at peace and has two members."""
    for group in (group for name in names for group in _groups(name)):
        (answer,) = await admin.describe_consumer_groups([group])
        (_, _, state, *_), members = answer.groups[0], await _members(group, admin)
        if state != "Stable" or len(members) != 2:
            return False
    return True


async def _members(group: str, admin: AIOKafkaAdminClient) -> list[str]:
    (answer,) = await admin.describe_consumer_groups([group])
    return [member[0] for member in answer.groups[0][5]]


def _groups(name: str) -> list[str]:
    return [CONSUMERS[name].group]


def _told_in_log(platform: Platform, replica: Replica, event: str) -> int:
    """How often the replica's lives have logged the event."""
    log = platform.folder / "logs" / f"{replica.name}.log"
    lines = (json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{"))
    return sum(line.get("event") == event for line in lines)
