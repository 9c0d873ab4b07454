"""The partitions a consumer has for now: what it committed, what it gave back, when it goes on.

When the group takes them away the assignment ends, and from then on it does nothing: no commit, no step back, no
resumed partition can touch what may be another member's.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from kfi_chassis import logs
from kfi_chassis.accounts import Accounts, Outcome, partition_of
from kfi_chassis.broker import Record

COMMIT_SECONDS: Final = 5.0
FIRST_DELAY_SECONDS: Final = 0.1
LONGEST_DELAY_SECONDS: Final = 5.0


class Assignment:
    """One generation's partitions of one member."""

    def __init__(
        self, kafka: AIOKafkaConsumer | None = None, partitions: Iterable[TopicPartition] = (), *, accounts: Accounts
    ) -> None:
        self.partitions = frozenset(partitions)
        self.failed_commits = 0
        self.committed_at: float | None = None
        self.leaving = False
        """No further batch begins: its partitions are about to be taken away."""
        self._kafka = kafka
        self._accounts = accounts
        self._timers: dict[TopicPartition, asyncio.TimerHandle] = {}
        self._delays: dict[TopicPartition, float] = {}
        self._uncommitted: dict[TopicPartition, int] = {}
        self._committing = asyncio.Lock()
        accounts.assigned(self.partitions)

    async def learn_where_it_goes_on(self) -> None:
        """Ask what the group has committed, so that what was deleted while nobody read is missed with the next record.

        A broker that does not answer in time leaves that unknown.
        """
        kafka, partitions = self._kafka, list(self.partitions)
        if kafka is None:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                offsets = await asyncio.gather(*map(kafka.committed, partitions))
        except (KafkaError, TimeoutError, OSError) as error:
            logs.event("committed_offsets_unknown", level=logging.WARNING, error=error)
            return
        if self._kafka is not None:
            found = zip(partitions, offsets, strict=True)
            self._accounts.goes_on_at({partition: offset for partition, offset in found if offset is not None})

    @property
    def paused(self) -> frozenset[TopicPartition]:
        """The partitions that wait for an outage to pass."""
        return frozenset(self._timers)

    def end(self) -> None:
        """Let go of everything; whatever comes later has no effect."""
        self.leaving = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._uncommitted.clear()
        self._kafka = None

    def lag(self, partition: TopicPartition) -> int | None:
        """How many records are not yet dealt with; None while that is not known."""
        try:
            end = None if self._kafka is None else self._kafka.highwater(partition)
        except IllegalStateError:
            return None
        position = self._accounts[partition].next_offset
        return None if end is None or position is None else max(end - position, 0)

    def last_heard(self) -> float | None:
        """When the broker last answered for any of the partitions, with records or without (Unix time)."""
        kafka = self._kafka
        if kafka is None:
            return None
        answers = (kafka.last_poll_timestamp(each) for each in self.partitions & kafka.assignment())
        return max((answer / 1000 for answer in answers if answer), default=None)

    def hand_back(self, records: Sequence[Record]) -> None:
        """Have records that were read ahead come again, after what was held before them; nothing became of them."""
        first: dict[TopicPartition, int] = {}
        for record in records:
            first.setdefault(partition_of(record), record.offset)
        for partition, offset in first.items():
            known = self._accounts[partition].next_offset
            if self._kafka is not None:
                with suppress(IllegalStateError):
                    self._kafka.seek(partition, offset if known is None else min(known, offset))

    def settle(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Give back what is held, and note for the next commit what comes before it."""
        held: dict[TopicPartition, int] = {}
        done: dict[TopicPartition, int] = {}
        for record, outcome in zip(records, outcomes, strict=True):
            if outcome is Outcome.HELD:
                held.setdefault(partition_of(record), record.offset)
            else:
                done[partition_of(record)] = record.offset + 1
        for partition, offset in held.items():
            self._give_back(partition, offset)
        for partition in done.keys() - held.keys():
            self._delays.pop(partition, None)
        if self._kafka is not None:
            self._uncommitted |= done

    async def commit(self) -> None:
        """Commit explicit offsets within a bounded time. What fails is tried again; until then the inbox knows."""
        async with self._committing:
            kafka, offsets = self._kafka, dict(self._uncommitted)
            if kafka is None or not offsets:
                return
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await kafka.commit(offsets)
            except (KafkaError, TimeoutError, OSError) as error:
                self.failed_commits += 1
                logs.event("commit_failed", level=logging.WARNING, error=error)
                return
            if self._kafka is None:
                return
            self.committed_at = time.time()
            self._accounts.committed(offsets)
            for partition, offset in offsets.items():
                if self._uncommitted.get(partition) == offset:
                    del self._uncommitted[partition]

    def _give_back(self, partition: TopicPartition, offset: int) -> None:
        """Have the records from the offset on come again, after a delay that doubles up to five seconds."""
        if self._kafka is None:
            return
        try:
            self._kafka.seek(partition, offset)
            self._kafka.pause(partition)
        except IllegalStateError:
            return  # it was taken from us a moment ago; its new owner begins at the committed offset
        delay = self._delays.get(partition, FIRST_DELAY_SECONDS)
        self._delays[partition] = min(delay * 2, LONGEST_DELAY_SECONDS)
        self._timers[partition] = asyncio.get_running_loop().call_later(delay, self._resume, partition)

    def _resume(self, partition: TopicPartition) -> None:
        self._timers.pop(partition, None)
        if self._kafka is not None:
            with suppress(IllegalStateError):
                self._kafka.resume(partition)
