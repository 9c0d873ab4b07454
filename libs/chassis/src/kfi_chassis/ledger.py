"""The accounts of a consumer and the metrics that show them, entered together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from aiokafka import TopicPartition

from kfi_chassis.accounts import Accounts, Outcome, partition_of
from kfi_chassis.broker import Record
from kfi_chassis.metrics import Metrics


class Ledger:
    """What a consumer took and what became of it, for the process and for Prometheus."""

    def __init__(self, group: str, metrics: Metrics) -> None:
        self.accounts: Final = Accounts()
        self._group = group
        self._metrics = metrics

    def begin_at_zero(self, partitions: Iterable[TopicPartition]) -> None:
        """Show every counter before it counts: Prometheus sees no rise in one that is born with its first count."""
        self._metrics.inbox_duplicates_total.labels(self._group)
        for labels in map(self.labels, partitions):
            self._metrics.consumer_polled_total.labels(*labels)
            for outcome in Outcome:
                self._metrics.consumer_records_total.labels(*labels, outcome.value)

    def polled(self, records: Sequence[Record]) -> None:
        """Enter records a batch begins with."""
        self.accounts.polled(records)
        for partition, count in Counter(map(partition_of, records)).items():
            self._metrics.consumer_polled_total.labels(*self.labels(partition)).inc(count)

    def settle(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Enter what became of them."""
        self.accounts.settle(records, outcomes)
        counted = Counter(zip(map(partition_of, records), outcomes, strict=True))
        for (partition, outcome), count in counted.items():
            self._metrics.consumer_records_total.labels(*self.labels(partition), outcome.value).inc(count)
            if outcome is Outcome.DUPLICATE:
                self._metrics.inbox_duplicates_total.labels(self._group).inc(count)

    def measure_unaccounted(self, records: Sequence[Record]) -> None:
        """Show what was lost sight of in the partitions of a batch that has just been settled."""
        for partition in set(map(partition_of, records)):
            unaccounted = self._metrics.consumer_unaccounted_records.labels(*self.labels(partition))
            unaccounted.set(self.accounts[partition].unaccounted())

    def labels(self, partition: TopicPartition) -> tuple[str, str, str]:
        """What the metrics of a partition are labelled with."""
        return self._group, partition.topic, str(partition.partition)
