"""The one place where Kafka clients are made; every setting that keeps events from being lost stands here.

The traps these settings avoid were measured with FastStream 0.7 and aiokafka 0.14;
`tests/delivery/test_broker.py` holds each.
"""

import hashlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.message import StreamMessage
from faststream.security import BaseSecurity, SASLScram512

from kfi_chassis.header_names import read_any_name

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Records: TypeAlias = tuple[Record, ...]

PRODUCER_BATCH_BYTES: Final = 512 * 1024
"""Before compression; a round of the relay is then one batch for each partition, and the broker takes 1 MiB."""
_METADATA_AGE_MS: Final = 30_000
"""A topic created after the start is found within this time."""
_POLL_MS: Final = 20
"""FastStream sleeps as long again after an empty poll, so this is also what an idle consumer adds to a latency."""


# Not the logger "faststream", which prints by itself; of its lines only the errors of the consume loop are of interest.
_LOOP_LOG: Final = logging.getLogger("aiokafka.faststream")
_LOOP_LOG.setLevel(logging.ERROR)
read_any_name()


class KafkaSettings(Protocol):
    """What a Kafka client must be told; every ServiceSettings has it."""

    @property
    def kafka_bootstrap(self) -> str:
        """Addresses of brokers, `host:port,host:port`."""

    @property
    def kafka_security(self) -> str:
        """`SASL_SSL`, `SASL_PLAINTEXT` or `PLAINTEXT`."""

    @property
    def kafka_username(self) -> str | None:
        """The service's own principal (SCRAM-SHA-512)."""

    @property
    def kafka_password(self) -> str | None:
        """Its password."""

    @property
    def kafka_ca_file(self) -> Path | None:
        """Certificates to trust instead of the system's."""

    @property
    def kafka_request_timeout_ms(self) -> int:
        """How long one request waits for its answer."""

    @property
    def instance(self) -> str:
        """Unique and stable per replica; static membership hangs on it."""

    @property
    def consumer_batch(self) -> int:
        """The most records of one batch, which is one transaction."""

    @property
    def consumer_session_timeout_ms(self) -> int:
        """After this silence the group gives a member's partitions away; longer than a restart."""

    @property
    def consumer_max_poll_interval_ms(self) -> int:
        """Longer than the worst batch."""


def make_broker(settings: KafkaSettings, *, grace_seconds: float) -> KafkaBroker:
    """Make the FastStream broker of a consumer: it reads only, creates no topic, decodes nothing, has no middleware."""
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        security=_security(settings),
        client_id=settings.instance,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        metadata_max_age_ms=_METADATA_AGE_MS,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        parser=leave_as_it_came,
        decoder=hand_over_records,
        ack_policy=AckPolicy.MANUAL,
        middlewares=(),
        graceful_timeout=grace_seconds,
        logger=_LOOP_LOG,
    )


def subscribe(
    broker: KafkaBroker,
    topics: Sequence[str],
    handle: Callable[[Records], Awaitable[None]],
    settings: KafkaSettings,
    *,
    group: str,
    listener: ConsumerRebalanceListener,
) -> BatchSubscriber:
    """Subscribe a handler that takes whole batches of records as they came, accounts for each and never raises."""
    subscriber = broker.subscriber(
        *topics,
        batch=True,
        max_records=settings.consumer_batch,
        batch_timeout_ms=_POLL_MS,
        group_id=group,
        group_instance_id=_member(group, settings.instance, topics),
        auto_offset_reset="earliest",
        session_timeout_ms=settings.consumer_session_timeout_ms,
        heartbeat_interval_ms=settings.consumer_session_timeout_ms // 5,
        rebalance_timeout_ms=settings.consumer_session_timeout_ms,
        max_poll_interval_ms=settings.consumer_max_poll_interval_ms,
        ack_policy=AckPolicy.MANUAL,
        listener=listener,
        no_reply=True,
    )
    subscriber(handle)
    return subscriber


def _member(group: str, instance: str, topics: Sequence[str]) -> str:
    """The name of a static member: the same after each restart of a release, another where it reads other topics.

    Kafka gives a member that returns the partitions it had, whatever it subscribes to now: a topic more would never be
    read, and on a topic less aiokafka fails at each attempt (`test_other_topics.py`).
    """
    read = hashlib.sha256(" ".join(sorted(topics)).encode()).hexdigest()
    return f"{group}-{instance}-{read[:8]}"


async def leave_as_it_came(message: Records, _default: Any) -> StreamMessage[Records]:
    """Wrap a batch without looking into it: the usual parser loses the whole batch by one header that is no UTF-8."""
    return KafkaAckableMessage(body=[], raw_message=message, consumer=_NeverCommits())


async def hand_over_records(message: StreamMessage[Records], _default: Any) -> Records:
    """Hand the records themselves to the handler, headers as bytes, tombstones included."""
    return message.raw_message


class _NeverCommits:
    """Stands where FastStream looks for a consumer: whoever acknowledges a message does nothing by it."""

    async def commit(self) -> None:
        """Nothing: offsets are committed explicitly, per partition."""

    def seek(self, partition: aiokafka.TopicPartition, offset: int) -> None:
        """Nothing: records are given back explicitly."""


def make_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """Make the relay's producer: idempotent, acknowledged by all replicas, compressed."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        client_id=settings.instance,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        metadata_max_age_ms=_METADATA_AGE_MS,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_batch_size=PRODUCER_BATCH_BYTES,
        **_connection(settings),
    )


def make_reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """Make a consumer outside of any group: it reads what it is told to and commits nothing."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        client_id=settings.instance,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **_connection(settings),
    )


async def committed_offsets(settings: KafkaSettings, group: str) -> dict[aiokafka.TopicPartition, int]:
    """How far a group has come, by partition; a partition it never had a record of is missing."""
    admin = AIOKafkaAdminClient(
        bootstrap_servers=settings.kafka_bootstrap.split(","),
        client_id=settings.instance,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        **_connection(settings),
    )
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {partition: each.offset for partition, each in found.items() if each.offset >= 0}


def _connection(settings: KafkaSettings) -> dict[str, Any]:
    options: dict[str, Any] = {"security_protocol": str(settings.kafka_security)}
    if options["security_protocol"].startswith("SASL"):
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password,
        }
    if options["security_protocol"].endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    return options


def _security(settings: KafkaSettings) -> BaseSecurity | None:
    protocol = str(settings.kafka_security)
    if protocol == "PLAINTEXT":
        return None
    encrypted = protocol.endswith("SSL")
    return SASLScram512(
        username=settings.kafka_username or "",
        password=settings.kafka_password or "",
        use_ssl=encrypted,
        ssl_context=_ssl_context(settings) if encrypted else None,
    )


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if settings.kafka_ca_file is None else str(settings.kafka_ca_file))
