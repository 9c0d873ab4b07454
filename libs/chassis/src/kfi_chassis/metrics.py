"""Every metric of the chassis, in one place; a service's own stand in its `metrics.py`, in a subclass of `Metrics`.

Rules and dashboards may only use names that stand in one of them.

The invariant of delivery as a query, per consumer, topic and partition, whenever nothing is in flight:
`consumer_polled_total == sum without (outcome) (consumer_records_total)`.
"""

from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

_HTTP_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
_DELIVERY_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 3600.0)
_PARTITION: Final = ("consumer", "topic", "partition")


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

        # Counter: requests answered, by route template, method and status
        self.http_requests_total = Counter(
            "http_requests_total", "Requests answered", ("route", "method", "code"), registry=registry
        )
        # Histogram: seconds from the first byte of a request to the last of its answer
        self.http_request_duration_seconds = Histogram(
            "http_request_duration_seconds",
            "Duration of requests",
            ("route", "method"),
            buckets=_HTTP_SECONDS,
            registry=registry,
        )

        # Gauge: events in the outbox that the broker does not have yet, parked ones left out
        self.outbox_pending = Gauge("outbox_pending", "Events not yet published", registry=registry)
        # Gauge: age of the oldest of them; pages when it is over five minutes
        self.outbox_oldest_age_seconds = Gauge("outbox_oldest_age_seconds", "Age of the oldest", registry=registry)
        # Counter: events the broker has acknowledged
        self.outbox_published_total = Counter("outbox_published_total", "Published", ("topic",), registry=registry)
        # Counter: rounds that failed and are tried again, by the kind of error
        self.outbox_publish_failures_total = Counter(
            "outbox_publish_failures_total", "Failed rounds", ("reason",), registry=registry
        )
        # Gauge: events the broker refuses for themselves; each holds the later events of its key
        self.outbox_parked = Gauge("outbox_parked", "Events the broker refuses", registry=registry)
        # Histogram: seconds from the record in the outbox to the broker's acknowledgement, of the oldest of each round
        self.outbox_insert_to_publish_seconds = Histogram(
            "outbox_insert_to_publish_seconds", "Record to ack", buckets=_DELIVERY_SECONDS, registry=registry
        )
        # Gauge: 1 while this process holds the outbox's lock, 0 while it stands by
        self.outbox_relay_active = Gauge("outbox_relay_active", "Holds the lock", registry=registry)

        # Counter: records taken from the broker
        self.consumer_polled_total = Counter("consumer_polled_total", "Records taken", _PARTITION, registry=registry)
        # Counter: what became of them: handled, duplicate, skipped, parked, or held (given back to be taken again)
        self.consumer_records_total = Counter(
            "consumer_records_total", "Records by outcome", (*_PARTITION, "outcome"), registry=registry
        )
        # Counter: records that came again after they had been dealt with; many at once tell of a lost offset
        self.inbox_duplicates_total = Counter(
            "inbox_duplicates_total", "Records known already", ("consumer",), registry=registry
        )
        # Counter: offset commits that failed; the records come again and count as duplicates
        self.consumer_commit_failures_total = Counter(
            "consumer_commit_failures_total", "Failed commits", ("consumer",), registry=registry
        )
        # Gauge: partitions assigned, and those of them paused by an outage
        self.consumer_assigned_partitions = Gauge(
            "consumer_assigned_partitions", "Assigned", ("consumer",), registry=registry
        )
        self.consumer_paused_partitions = Gauge(
            "consumer_paused_partitions", "Paused", ("consumer",), registry=registry
        )
        # Gauge: records of a partition not yet taken
        self.consumer_lag = Gauge("consumer_lag", "Records behind", _PARTITION, registry=registry)
        # Gauge: when the consumer last ended a batch or had an answer of the broker (Unix time); pages when old
        self.consumer_last_poll_timestamp_seconds = Gauge(
            "consumer_last_poll_timestamp_seconds", "Last seen alive", ("consumer",), registry=registry
        )
        # Gauge: records taken whose end nobody knows, and offsets passed over, by the end of a batch; always 0
        self.consumer_unaccounted_records = Gauge(
            "consumer_unaccounted_records", "Records lost sight of", _PARTITION, registry=registry
        )
        # Histogram: seconds from the event's time to its handling, the lag that people feel
        self.event_age_seconds = Histogram(
            "event_age_seconds", "Event to effect", ("topic",), buckets=_DELIVERY_SECONDS, registry=registry
        )

        # Gauge: dead letters nobody has dealt with; a ticket at one
        self.dead_letter_open = Gauge("dead_letter_open", "Open dead letters", ("consumer",), registry=registry)
        # Gauge: age of the oldest of them
        self.dead_letter_oldest_age_seconds = Gauge(
            "dead_letter_oldest_age_seconds", "Age of the oldest", ("consumer",), registry=registry
        )

        # Gauge: open deadlines whose day has passed by the business date
        self.deadline_missed = Gauge("deadline_missed", "Deadlines past their day", ("kind",), registry=registry)
        # Gauge: calendar days from the day of the oldest of them to the business date
        self.deadline_oldest_missed_days = Gauge(
            "deadline_oldest_missed_days", "Days since the oldest", ("kind",), registry=registry
        )

        # Gauge: rows that break a promise of the service's database, by its name; pages at one
        self.invariant_violations = Gauge(
            "invariant_violations", "Rows that break a promise", ("name",), registry=registry
        )

        # Gauge: audit chains that this process found broken and has not found whole since
        self.audit_broken_chains = Gauge("audit_broken_chains", "Broken audit chains", registry=registry)
        # Gauge: when this process last ended a whole round over all audit chains (Unix time); 0 before the first
        self.audit_last_round_timestamp_seconds = Gauge(
            "audit_last_round_timestamp_seconds", "Last whole round", registry=registry
        )

        # Counter: things a worker has done, and steps that failed and are tried again
        self.worker_done_total = Counter("worker_done_total", "Done", ("worker",), registry=registry)
        self.worker_failures_total = Counter("worker_failures_total", "Failed steps", ("worker",), registry=registry)
        # Gauge: when the worker last ended a step, successful or not (Unix time)
        self.worker_last_step_timestamp_seconds = Gauge(
            "worker_last_step_timestamp_seconds", "Last step", ("worker",), registry=registry
        )

    def request_answered(self, *, route: str, method: str, code: int, seconds: float) -> None:
        """One request was answered."""
        self.http_requests_total.labels(route, method, str(code)).inc()
        self.http_request_duration_seconds.labels(route, method).observe(seconds)

    def exposition(self) -> tuple[bytes, str]:
        """All metrics in Prometheus' text format, and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
