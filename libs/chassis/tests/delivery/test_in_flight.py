"""What is read ahead begins in its turn, and never overtakes what was given back."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from kfi_chassis.accounts import Outcome
from kfi_chassis.assignment import Assignment
from kfi_chassis.consumer import Consumer, RunningConsumer
from kfi_chassis.in_flight import Batch, InFlight
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import raw_record
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings
from kfi_chassis.testkit.polling import eventually

PARTITION = TopicPartition("t", 0)


class NotingClient:
    """Notes where it was set back to; commits when it is allowed to."""

    def __init__(self) -> None:
        self.sought: list[int] = []
        self.committed: list[int] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        await self.may_commit.wait()
        self.committed.append(offsets[PARTITION])

    def seek(self, _partition: TopicPartition, offset: int) -> None:
        self.sought.append(offset)

    def pause(self, _partition: TopicPartition) -> None: ...

    def resume(self, _partition: TopicPartition) -> None: ...


class Guard:
    """Deals with batches when it is told to."""

    def __init__(self) -> None:
        self.read_offsets: list[int] = []
        self.begun: list[list[int]] = []
        self.answers: asyncio.Queue[Outcome | Exception] = asyncio.Queue()

    async def read(self, records: Any) -> list[Any]:
        self.read_offsets.extend(record.offset for record in records)
        return list(records)

    async def deal(self, deliveries: list[Any]) -> list[Outcome]:
        self.begun.append([delivery.offset for delivery in deliveries])
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return [answer] * len(deliveries)


class Stand:
    """A consumer without servers."""

    def __init__(self) -> None:
        self.client, self.guard, settings = NotingClient(), Guard(), QuickKafkaSettings(kafka_bootstrap="nowhere:1")
        self.member: RunningConsumer[Any] = RunningConsumer(
            Consumer(group="test"), SimpleNamespace(engine=None), settings, Metrics(), grace_seconds=0.2  # type: ignore[arg-type]
        )  # fmt: skip
        self.member._guard = self.guard  # type: ignore[assignment]
        self.member._assignment = Assignment(self.client, [PARTITION], accounts=self.member.accounts)

    async def poll(self, *offsets: int) -> "asyncio.Task[None]":
        """Hand a batch over as the consume loop does, and let it come as far as it may."""
        receiving = asyncio.create_task(self.member.receive(tuple(raw_record("t", offset=each) for each in offsets)))
        await eventually(lambda: offsets[-1] in self.guard.read_offsets)
        return receiving

    def outcomes(self) -> dict[Outcome, int]:
        return dict(self.member.accounts[PARTITION].outcomes)


@pytest.fixture
async def stand() -> Stand:
    return Stand()


async def test_the_next_batch_is_read_while_one_is_dealt_with_and_begins_after_it(stand: Stand) -> None:
    await (await stand.poll(0, 1))
    waiting = await stand.poll(2, 3)
    assert stand.guard.begun == [[0, 1]]
    assert not waiting.done()
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await waiting
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await eventually(lambda: stand.client.committed == [2, 4])
    assert stand.guard.begun == [[0, 1], [2, 3]]
    stand.member.accounts.check()


async def test_what_was_read_behind_a_held_record_is_handed_back_and_not_dealt_with(stand: Stand) -> None:
    await (await stand.poll(0, 1))
    waiting = await stand.poll(2, 3)
    stand.guard.answers.put_nowait(Outcome.HELD)
    await waiting
    await eventually(stand.member._idle.is_set)
    assert stand.client.sought == [0, 0]
    assert stand.guard.begun == [[0, 1]]
    assert stand.outcomes() == {Outcome.HELD: 2}
    await (await stand.poll(0, 1, 2, 3))
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await eventually(lambda: stand.client.committed == [4])
    stand.member.accounts.check()


async def test_a_batch_that_broke_off_hands_back_what_was_read_behind_it_and_says_why(stand: Stand) -> None:
    await (await stand.poll(0, 1))
    waiting = await stand.poll(2)
    stand.guard.answers.put_nowait(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await waiting
    assert stand.client.sought == [0, 0]
    assert stand.guard.begun == [[0, 1]]


async def test_a_transaction_does_not_wait_for_the_offsets_of_the_one_before_but_the_third_does(stand: Stand) -> None:
    stand.client.may_commit.clear()
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await (await stand.poll(0))
    await (await stand.poll(1))
    await eventually(lambda: stand.guard.begun == [[0], [1]])
    third = await stand.poll(2)
    await asyncio.sleep(0.05)
    assert not third.done()
    assert not stand.member._idle.is_set()
    stand.client.may_commit.set()
    await third
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await eventually(lambda: stand.client.committed[-1:] == [3])
    await eventually(stand.member._idle.is_set)
    stand.member.accounts.check()


async def test_no_batch_begins_once_its_partitions_are_to_be_taken_away(stand: Stand) -> None:
    await (await stand.poll(0))
    waiting = await stand.poll(1)
    revoking = asyncio.create_task(stand.member.on_partitions_revoked([PARTITION]))
    await asyncio.sleep(0)
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await revoking
    await waiting
    assert stand.guard.begun == [[0]]
    assert stand.client.committed == [1]


async def test_a_stop_ends_the_batch_in_flight_commits_it_and_begins_no_other(stand: Stand) -> None:
    await (await stand.poll(0))
    waiting = await stand.poll(1)
    closing = asyncio.create_task(stand.member._close())
    await asyncio.sleep(0)
    stand.guard.answers.put_nowait(Outcome.HANDLED)
    await closing
    await waiting
    assert stand.guard.begun == [[0]]
    assert stand.client.committed == [1]


async def test_a_stop_gives_up_on_a_batch_that_outlasts_the_grace(stand: Stand) -> None:
    await (await stand.poll(0))
    waiting = await stand.poll(1)
    async with asyncio.timeout(5):
        await stand.member._close()
        await waiting
    assert stand.outcomes() == {Outcome.HELD: 1}
    assert stand.client.committed == []


async def test_a_batch_that_is_cancelled_before_it_began_holds_up_nobody() -> None:
    in_flight = InFlight()

    async def deal(batch: Batch) -> None:
        batch.end(held=False)

    in_flight.begin(deal)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    async with asyncio.timeout(1):
        assert not await in_flight.turn()
        assert await in_flight.turn()
