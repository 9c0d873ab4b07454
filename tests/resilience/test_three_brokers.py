"""A broker of three dies at the worst moment: what was acknowledged is there, once, in order, and soon it goes on."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from tests.harness.size import size
from tests.harness.stream import GROUP, Stream, stream

from kfi_chassis.testkit.polling import eventually
from kfi_stack.kafka_cluster import KafkaCluster
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.supervisor import Running, Supervisor

pytestmark = pytest.mark.servers
AHEAD_SECONDS = 0.5
"""How long the others stand still; under all timeouts, so that nobody takes them for dead."""
LONGEST_PAUSE_SECONDS = 20.0
VICTIMS = size(short=["leader"], nightly=["leader", "coordinator"] * 3)
TOPIC, PARTITIONS = "three.brokers", 6
ON_TWO, MEANWHILE = "two.brokers", 300
log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def cluster(supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    cluster = KafkaCluster.in_folder(tmp_path_factory.mktemp("cluster"))
    yield cluster
    for node in cluster.nodes:  # the last ones could not leave in order: their quorum would be gone
        with suppress(KeyError):
            gone(supervisor.running(node.name), supervisor)


@pytest.fixture(scope="module")
def server(cluster: KafkaCluster, supervisor: Supervisor) -> KafkaServer:
    return cluster.start(supervisor)


@pytest_asyncio.fixture
async def admin(server: KafkaServer) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**server.client_settings())
    await admin.start()
    yield admin
    await admin.close()


@pytest_asyncio.fixture
async def flow(postgres: Any, server: KafkaServer, admin: AIOKafkaAdminClient) -> AsyncIterator[Stream]:
    """On a topic whose partitions are all led by one node: when it dies, nothing goes on beside it."""
    assignments = {partition: [1, 2, 3] for partition in range(PARTITIONS)}
    await admin.create_topics([NewTopic(TOPIC, -1, -1, replica_assignments=assignments)])
    async with stream(postgres, server, TOPIC) as flow:
        yield flow


async def test_a_broker_killed_while_it_is_ahead_of_the_others(
    flow: Stream, cluster: KafkaCluster, supervisor: Supervisor, admin: AIOKafkaAdminClient
) -> None:
    async with flow.flowing():
        await flow.has_come_through(20)
        for victim in VICTIMS:
            number = await node_of(victim, admin)
            await killed_while_ahead(number, cluster, supervisor)
            await flow.has_come_through(10)
            if len(VICTIMS) > 1:
                await asyncio.to_thread(supervisor.start, cluster.nodes[number - 1].program())
                await flow.has_come_through(10)
    await flow.every_event_had_its_effect_once_and_in_order()
    twice = await flow.every_event_is_on_the_topic_in_order()
    silence = await flow.longest_silence()
    log.warning(
        "killed %s: %d events, %d sent twice, longest silence %.1f s",
        VICTIMS, flow.recorded * len(flow.keys), twice, silence,
    )  # fmt: skip
    assert silence < LONGEST_PAUSE_SECONDS


@pytest.mark.nightly
async def test_what_lies_on_one_broker_alone_does_not_count_as_written(
    postgres: Any, server: KafkaServer, cluster: KafkaCluster, supervisor: Supervisor, admin: AIOKafkaAdminClient
) -> None:
    """Of two copies one is gone, while the cluster can still decide: the outbox waits, and all comes with the copy."""
    assignments = {partition: [1, 2] for partition in range(PARTITIONS)}
    await admin.create_topics([NewTopic(ON_TWO, -1, -1, replica_assignments=assignments)])
    async with stream(postgres, server, ON_TWO) as flow:
        async with flow.flowing():
            await flow.has_come_through(10)
            await asyncio.to_thread(gone, supervisor.running(cluster.nodes[1].name), supervisor)
            await eventually(lambda: lies_on_one_alone(admin), within=LONGEST_PAUSE_SECONDS)
            assert await flow.none_comes_through_while_recorded(MEANWHILE)
            await asyncio.to_thread(supervisor.start, cluster.nodes[1].program())
            await flow.has_come_through(10)
        await flow.every_event_had_its_effect_once_and_in_order()


async def lies_on_one_alone(admin: AIOKafkaAdminClient) -> bool:
    """Whether the brokers know that the second copies are gone; the client may ask the one that is dead."""
    try:
        (topic,) = await admin.describe_topics([ON_TWO])
    except KafkaError:
        return False
    return all(partition["isr"] == [1] for partition in topic["partitions"])


async def killed_while_ahead(number: int, cluster: KafkaCluster, supervisor: Supervisor) -> None:
    """SIGKILL, at a moment when the others could copy nothing for a while and whatever came is on this one alone."""
    victim = supervisor.running(cluster.nodes[number - 1].name)
    others = [supervisor.running(node.name) for node in cluster.nodes if node.node_id != number]
    with ExitStack() as thawed:
        for other in others:
            os.kill(other.pid, signal.SIGSTOP)
            thawed.callback(os.kill, other.pid, signal.SIGCONT)
        await asyncio.sleep(AHEAD_SECONDS)
        await asyncio.to_thread(gone, victim, supervisor)


def gone(running: Running, supervisor: Supervisor) -> None:
    """Killed on purpose."""
    running.kill()
    supervisor.forget(running)


async def node_of(victim: str, admin: AIOKafkaAdminClient) -> int:
    """The number of the node that leads the topic's partitions, or that coordinates the consumer's group."""
    if victim == "coordinator":
        return int(await admin.find_coordinator(GROUP))
    (topic,) = await admin.describe_topics([TOPIC])
    return int(topic["partitions"][0]["leader"])
