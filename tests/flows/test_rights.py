"""Who may what on Kafka, tried with the very users the running services have."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from tests.harness.bus import Bus, Sent

from kfi_contracts.notifications import NotificationFailed, NotificationOrdered
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_applications_cannot_read_back_the_orders_it_wrote(platform: Platform) -> None:
    settings = platform.servers.kafka.client_settings("applications")
    async with asyncio.timeout(15), AIOKafkaConsumer(NotificationOrdered.topic, **settings) as consumer:
        with pytest.raises(TopicAuthorizationFailedError):
            await consumer.getone()


async def test_applications_cannot_tell_that_a_letter_was_dispatched(bus: Bus) -> None:
    async with asyncio.timeout(15):
        with pytest.raises(TopicAuthorizationFailedError):
            await bus.send("applications", NotificationFailed.topic, [Sent(b"forged")])


async def test_somebody_unknown_does_not_get_in(bus: Bus) -> None:
    async with asyncio.timeout(15):
        with pytest.raises(KafkaConnectionError):
            await bus.send("applications", NotificationFailed.topic, [], sasl_plain_username="nobody")
