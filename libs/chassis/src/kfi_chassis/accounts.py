"""Where every record is accounted for: polled = handled + duplicate + skipped + parked + held, per partition.

And nothing is committed that is not accounted for: the committed offset never passes a record that is held, and no
offset between two polled records is missing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from aiokafka import TopicPartition

from kfi_chassis.broker import Record


class Outcome(StrEnum):
    """What becomes of a record. `held` was given back and will be polled again."""

    HANDLED = "handled"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    PARKED = "parked"
    HELD = "held"


class AccountsDoNotBalanceError(AssertionError):
    """A record was lost or committed too early; this is a defect of the chassis."""


@dataclass
class Account:
    """The records of one partition, counted since the process began."""

    polled: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    jumped: int = 0
    """Offsets that were never polled although later ones were."""
    next_offset: int | None = None
    """The first offset not yet dealt with; after a partition was assigned anew, unknown until the group's is learnt."""
    committed: int | None = None

    def deal_with(self, record: Record, outcome: Outcome) -> None:
        """Enter the outcome of one record, in the order of the partition."""
        self.outcomes[outcome] += 1
        if self.next_offset is not None and record.offset > self.next_offset:
            self.jumped += record.offset - self.next_offset
        self.next_offset = record.offset if outcome is Outcome.HELD else record.offset + 1

    def unaccounted(self) -> int:
        """Records lost sight of: polled without an outcome, or passed over; 0 whenever no batch is in flight."""
        return abs(self.polled - self.outcomes.total()) + self.jumped

    def committed_too_far(self) -> bool:
        """True when a restart would not see a record that was not dealt with."""
        return self.committed is not None and self.next_offset is not None and self.committed > self.next_offset


class Accounts:
    """The accounts of a consumer, one per partition it ever had."""

    def __init__(self) -> None:
        self._accounts: defaultdict[TopicPartition, Account] = defaultdict(Account)

    def __getitem__(self, partition: TopicPartition) -> Account:
        return self._accounts[partition]

    def items(self) -> Iterable[tuple[TopicPartition, Account]]:
        """All accounts with their partitions."""
        return self._accounts.items()

    def polled(self, records: Sequence[Record]) -> None:
        """Enter records that were taken from the broker."""
        for partition, count in Counter(map(partition_of, records)).items():
            self[partition].polled += count

    def count(self, record: Record, outcome: Outcome) -> None:
        """Enter an outcome without regard to offsets, for deliveries that did not come from a partition."""
        self[partition_of(record)].outcomes[outcome] += 1

    def settle(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Enter what became of them; within a partition, what follows a held record is held as well."""
        held: set[TopicPartition] = set()
        for record, outcome in zip(records, outcomes, strict=True):
            partition = partition_of(record)
            if partition in held:
                self.count(record, outcome)
                continue
            self[partition].deal_with(record, outcome)
            if outcome is Outcome.HELD:
                held.add(partition)

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Begin anew where the group's committed offset says; somebody else may have gone on meanwhile."""
        for partition in partitions:
            self[partition].next_offset = None
            self[partition].committed = None

    def goes_on_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Enter where the group had left partitions that were assigned; too late for those that have had records."""
        for partition, offset in offsets.items():
            if self[partition].next_offset is None:
                self[partition].next_offset = offset

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Enter offsets the broker has stored."""
        for partition, offset in offsets.items():
            self[partition].committed = offset

    def total(self, outcome: Outcome) -> int:
        """How many records came to this end, over all partitions."""
        return sum(account.outcomes[outcome] for account in self._accounts.values())

    def check(self) -> None:
        """Check the invariant while nothing is in flight. Raises AccountsDoNotBalanceError with the partition."""
        for partition, account in self._accounts.items():
            if account.polled != account.outcomes.total():
                raise AccountsDoNotBalanceError(f"{partition}: {account.polled} polled, but {dict(account.outcomes)}")
            if account.jumped:
                raise AccountsDoNotBalanceError(f"{partition}: {account.jumped} offsets were passed over")
            if account.committed_too_far():
                raise AccountsDoNotBalanceError(f"{partition}: {account.committed} committed of {account.next_offset}")


def partition_of(record: Record) -> TopicPartition:
    """The partition a record is from."""
    return _partition(record.topic, record.partition)


@lru_cache(maxsize=4096)
def _partition(topic: str, number: int) -> TopicPartition:
    return TopicPartition(topic, number)
