"""The rights of `infra/kafka/users.yaml`, each tried against the broker: these and no other."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)

from kfi_stack.credentials import Credentials
from kfi_stack.errors import StackError
from kfi_stack.kafka_admin import KafkaAdmin, Right
from kfi_stack.kafka_apply import apply_plan
from kfi_stack.topics import load_plan

pytestmark = pytest.mark.servers

PLAN = load_plan()
EVERY_USE = [(user, topic) for user in PLAN.users for topic in PLAN.topics]
PROBE = b"a probe"


async def written(kafka: Any, user: str, topic: str) -> None:
    async with AIOKafkaProducer(
        **kafka.client_settings(user), enable_idempotence=True, retry_backoff_ms=20
    ) as producer:
        await producer.send_and_wait(topic, PROBE, key=PROBE)


async def read(kafka: Any, user: str, topic: str, group: str) -> bytes:
    """The value of the first record the user's group gets from the topic."""
    settings = {**kafka.client_settings(user), "group_id": group, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, **settings, enable_auto_commit=False, retry_backoff_ms=20) as consumer:
        record = await consumer.getone()
        await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
        return bytes(record.value)


async def ends_beyond(kafka: Any, partition: TopicPartition, offset: int) -> None:
    """Wait until the partition has a record, or a marker, at this offset."""
    async with AIOKafkaConsumer(**kafka.client_settings()) as consumer:
        while (await consumer.end_offsets([partition]))[partition] <= offset:  # noqa: ASYNC110 - a log
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("user", "topic"), EVERY_USE)
async def test_a_user_writes_the_topics_it_is_given_and_no_other(kafka: Any, user: str, topic: str) -> None:
    async with asyncio.timeout(15):
        if topic in PLAN.users[user].writes:
            await written(kafka, user, topic)
        else:
            with pytest.raises((TopicAuthorizationFailedError, ClusterAuthorizationFailedError)):
                await written(kafka, user, topic)


@pytest.mark.parametrize(("user", "topic"), EVERY_USE)
async def test_a_user_reads_the_topics_it_is_given_and_no_other(kafka: Any, user: str, topic: str) -> None:
    async with asyncio.timeout(15):
        await written(kafka, "admin", topic)
        if topic in PLAN.users[user].reads:
            assert await read(kafka, user, topic, group=user) == PROBE
        else:
            with pytest.raises(TopicAuthorizationFailedError):
                await read(kafka, user, topic, group=user)


def test_only_notifications_reads_the_orders() -> None:
    assert [name for name, user in PLAN.users.items() if "notifications.order.v1" in user.reads] == ["notifications"]


async def test_a_group_belongs_to_the_service_of_its_name(kafka: Any) -> None:
    async with asyncio.timeout(15):
        with pytest.raises(GroupAuthorizationFailedError):
            await read(kafka, "applications", "notifications.notification.v1", group="notifications")


async def test_a_transactional_id_belongs_to_the_service_of_its_name(kafka: Any) -> None:
    settings = kafka.client_settings("applications")
    producer = AIOKafkaProducer(**settings, transactional_id="applications")
    async with asyncio.timeout(15):
        async with producer, producer.transaction():
            sent = await producer.send_and_wait("applications.application.v1", PROBE, key=PROBE)
        # A log that ends with a transaction's marker can never be read to its end, and the tests that follow wait for
        # that. The marker comes a moment after the transaction's end is confirmed.
        await ends_beyond(kafka, TopicPartition(sent.topic, sent.partition), sent.offset + 1)
        await written(kafka, "applications", "applications.application.v1")


async def test_a_topic_nobody_was_given_is_nobodys(kafka: Any) -> None:
    kafka.create_topic("given.to.nobody.v1", 1)
    async with asyncio.timeout(15):
        with pytest.raises(TopicAuthorizationFailedError):
            await written(kafka, "applications", "given.to.nobody.v1")


def opening(kafka: Any) -> KafkaAdmin:
    return KafkaAdmin(kafka.bootstrap, kafka.security, kafka.user("doorkeeper"))


async def test_the_doorkeeper_opens_a_towns_door_and_the_town_reads_its_own_topic_alone(kafka: Any) -> None:
    own, others = "municipality.01000001.v1", "municipality.01000002.v1"
    town, doorkeeper = Credentials("town-01000001", "of-a-test"), opening(kafka)
    doorkeeper.create_topics({own: (1, {}), others: (1, {})})
    doorkeeper.set_passwords([town])
    doorkeeper.grant(Right(town.username, "READ", *to) for to in (("TOPIC", own), ("GROUP", town.username)))
    settings = {
        **kafka.client_settings("allocation"), "sasl_plain_username": town.username,
        "sasl_plain_password": town.password,
    }  # fmt: skip
    options = {"group_id": town.username, "auto_offset_reset": "earliest", "retry_backoff_ms": 20}
    async with asyncio.timeout(20):
        for topic in (own, others):
            await written(kafka, "allocation", topic)
        async with AIOKafkaConsumer(own, **settings, **options) as consumer:
            assert (await consumer.getone()).value == PROBE
        with pytest.raises(TopicAuthorizationFailedError):
            async with AIOKafkaConsumer(others, **settings, **options) as consumer:
                await consumer.getone()
    admin = KafkaAdmin(kafka.bootstrap, kafka.security, kafka.admin)
    report = apply_plan(admin, PLAN, {}, superusers=frozenset({"admin"}), check=True)
    assert [line for line in report.drift if "municipality" in line or town.username in line] == []


def test_the_doorkeeper_makes_no_other_topic(kafka: Any) -> None:
    with pytest.raises(StackError, match="refuses"):
        opening(kafka).create_topics({"applications.another.v1": (1, {})})


async def test_nobody_gets_in_without_the_password(kafka: Any) -> None:
    settings = kafka.client_settings("applications") | {"sasl_plain_password": "guessed"}
    producer = AIOKafkaProducer(**settings)
    try:
        with pytest.raises(KafkaConnectionError):
            await producer.start()
    finally:
        await producer.stop()


async def test_a_topic_nobody_made_does_not_come_into_being(kafka: Any) -> None:
    producer = AIOKafkaProducer(**kafka.client_settings("admin"))
    await producer.start()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(producer.send_and_wait("misspelt.topic.v1", PROBE), 1)
    finally:
        await producer.stop()
    assert "misspelt.topic.v1" not in kafka.topics()
