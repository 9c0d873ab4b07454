"""Services as two replicas behind a gateway of their own, as in production, and the restart of one after the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx2
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest
from prometheus_client.parser import text_string_to_metric_families

from kfi_stack import ports
from kfi_stack.gateway import Service
from kfi_stack.running_platform import Platform
from kfi_stack.services import ServiceProcess
from kfi_stack.supervisor import Running
from kfi_stack.topics import load_plan

from .bus import until
from .evidence import CONSUMERS
from .sights import accounts_at

LOOK_SECONDS = 0.1
DRAIN_SECONDS = 0.5
"""Longer than the gateway needs to notice that a replica is no longer ready."""
SESSION_SECONDS = 30
"""Longer than a restart takes on a busy machine: else the group gives the partitions of a replica away."""
SETTINGS = {"DRAIN_SECONDS": str(DRAIN_SECONDS), "CONSUMER_SESSION_TIMEOUT_MS": str(SESSION_SECONDS * 1000)}
ASSIGNED, SHARE = "partitions_assigned", "consumer_assigned_partitions"


@dataclass
class Replica:
    """One process of a service."""

    process: ServiceProcess
    running: Running
    restarts: int = 0
    assignments_before: int = 0
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
        replica.restarts += 1

    async def redelivered(self) -> Mapping[str, int]:
        """By replica, how many records came to all its lives although they had been dealt with."""
        return {one.name: one.duplicates + await self._duplicates(one) for one in self.all}

    async def rebalances(self) -> Mapping[str, int]:
        """By replica, how often it was given partitions without a restart: never, if its group is left in peace."""

        async def all_members_again() -> bool:
            return all(count >= 0 for count in self._surplus().values())

        await until(all_members_again, "every replica has its partitions again")
        return self._surplus()

    def _surplus(self) -> Mapping[str, int]:
        return {one.name: self.assignments(one) - one.assignments_before - one.restarts for one in self.all}

    def assignments(self, replica: Replica) -> int:
        """How often the lives of the replica, and of its predecessor of that name, were given partitions."""
        log = self.platform.folder / "logs" / f"{replica.name}.log"
        lines = (json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{"))
        return sum(line.get("event") == ASSIGNED for line in lines)

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
        await until(lambda: _all_partitions_shared(replicas, names), "the replicas share the partitions")
        for one in replicas.all:
            one.assignments_before = replicas.assignments(one)
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


async def _all_partitions_shared(replicas: Replicas, names: Sequence[str]) -> bool:
    """Whether in each service every replica has partitions, and together they have each of them once."""
    topics = load_plan().topics
    for name in names:
        shares = [await _share(one.process) for one in replicas.all if one.process.name == name]
        there_are = sum(topics[topic].partitions for topic in CONSUMERS[name].topics())
        if not all(shares) or sum(shares) != there_are:
            return False
    return True


async def _share(process: ServiceProcess) -> int:
    async with httpx2.AsyncClient(timeout=10) as http:
        text = (await http.get(f"{process.url}/metrics")).raise_for_status().text
    families = text_string_to_metric_families(text)
    return sum(int(one.value) for family in families if family.name == SHARE for one in family.samples)


async def _members(group: str, admin: AIOKafkaAdminClient) -> list[str]:
    (answer,) = await admin.describe_consumer_groups([group])
    return [member[0] for member in answer.groups[0][5]]


def _groups(name: str) -> list[str]:
    return [CONSUMERS[name].group]
