"""The rights of `infra/kafka/users.yaml`, each tried against the broker: these and no other."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError

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


@pytest.mark.parametrize(("user", "topic"), EVERY_USE)
async def test_a_user_writes_the_topics_it_is_given_and_no_other(kafka: Any, user: str, topic: str) -> None:
    async with asyncio.timeout(15):
        if topic in PLAN.users[user].writes:
            await written(kafka, user, topic)
        else:
            with pytest.raises(TopicAuthorizationFailedError):
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
            await producer.send_and_wait("applications.application.v1", PROBE, key=PROBE)
        # A log that ends with a transaction's marker can never be read to its end: the tests that follow wait for that.
        await written(kafka, "applications", "applications.application.v1")


async def test_a_topic_nobody_was_given_is_nobodys(kafka: Any) -> None:
    kafka.create_topic("given.to.nobody.v1", 1)
    async with asyncio.timeout(15):
        with pytest.raises(TopicAuthorizationFailedError):
            await written(kafka, "applications", "given.to.nobody.v1")


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
