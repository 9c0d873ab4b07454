"""A release that reads other topics than the one before it takes its place in the group by the same instance name."""

from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.testkit.delivery import records_of
from kfi_chassis.testkit.events import Happened, happened_on
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually

pytestmark = pytest.mark.servers
SESSION_SECONDS = QuickKafkaSettings.consumer_session_timeout_ms / 1000
"""So long the partitions of the release before wait for its member, which never comes back."""


@pytest.fixture
def both(topic: Any) -> tuple[type[Happened], type[Happened]]:
    return happened_on(topic(1)), happened_on(topic(1), kind="answered")


@pytest.fixture
def release(members: Any) -> Any:
    group = f"group-{uuid4().hex[:8]}"

    async def start(*read: type[Happened]) -> RunningConsumer[Any]:
        consumer = Consumer(group)

        async def note(happened: Happened, work: Any) -> None:
            await work.note(happened)

        for event in read:
            consumer.on(event)(note)
        member: RunningConsumer[Any] = await members(consumer)
        return member

    return start


def one_of_each(both: tuple[type[Happened], type[Happened]]) -> list[Any]:
    return records_of([event(subject_id=uuid4(), number=1) for event in both])


async def handled(member: RunningConsumer[Any], count: int) -> None:
    await eventually(lambda: member.accounts.total(Outcome.HANDLED) == count, within=5 * SESSION_SECONDS)


async def test_a_release_that_reads_a_topic_less_goes_on_with_the_others(
    both: tuple[type[Happened], type[Happened]], release: Any, publish: Any
) -> None:
    await publish(*one_of_each(both))
    before = await release(*both)
    await handled(before, 2)
    await before.stop()
    await publish(*one_of_each(both))
    await handled(await release(both[1]), 1)


async def test_a_release_that_reads_a_topic_more_reads_it_and_goes_on_with_the_other(
    both: tuple[type[Happened], type[Happened]], release: Any, publish: Any
) -> None:
    await publish(*one_of_each(both))
    before = await release(both[0])
    await handled(before, 1)
    await before.stop()
    await publish(*one_of_each(both))
    await handled(await release(*both), 3)
