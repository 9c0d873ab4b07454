"""The factory's settings, over every subscriber it makes: what FastStream offers and we must not use is not used."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from kfi_chassis import broker as factory
from kfi_chassis.testkit.delivery import raw_record
from kfi_chassis.testkit.kafka_settings import QuickKafkaSettings

SETTINGS = QuickKafkaSettings("127.0.0.1:1,127.0.0.1:2", "SASL_PLAINTEXT", "me", "secret", instance="replica-1")
SOURCES = Path(factory.__file__).parent


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    async def on_partitions_revoked(self, revoked: Any) -> None:
        pass

    async def on_partitions_assigned(self, assigned: Any) -> None:
        pass


async def _handle(records: Any) -> None:
    pass


@pytest.fixture
def broker() -> KafkaBroker:
    made = factory.make_broker(SETTINGS, grace_seconds=1)
    factory.subscribe(made, ["a", "b"], _handle, SETTINGS, group="g", listener=_Listener())
    return made


def test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself(broker: KafkaBroker) -> None:
    """No ACK_FIRST, ACK, REJECT_ON_ERROR or NACK_ON_ERROR, and no auto-commit behind them; no concurrent subscriber."""
    for subscriber in broker.subscribers:
        assert type(subscriber) is BatchSubscriber
        assert subscriber.ack_policy is AckPolicy.MANUAL
        assert subscriber._connection_args["enable_auto_commit"] is False


def test_every_subscriber_begins_at_the_earliest_event(broker: KafkaBroker) -> None:
    assert {subscriber._connection_args["auto_offset_reset"] for subscriber in broker.subscribers} == {"earliest"}


def test_every_subscriber_is_a_static_member_with_bounded_patience(broker: KafkaBroker) -> None:
    for subscriber in broker.subscribers:
        options = subscriber._connection_args
        assert options["group_instance_id"] == "g-replica-1-c8687a08"
        assert options["heartbeat_interval_ms"] * 3 <= options["session_timeout_ms"]
        assert options["session_timeout_ms"] < options["max_poll_interval_ms"]


def test_a_member_has_the_same_name_after_a_restart_and_another_one_where_it_reads_other_topics() -> None:
    names = [_member_name(topics) for topics in (["a", "b"], ["b", "a"], ["a"], ["a", "b", "c"])]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def _member_name(topics: list[str]) -> str:
    made = factory.make_broker(SETTINGS, grace_seconds=1)
    subscriber = factory.subscribe(made, topics, _handle, SETTINGS, group="g", listener=_Listener())
    return str(subscriber._connection_args["group_instance_id"])


def test_every_subscriber_has_the_own_parser_and_no_middleware(broker: KafkaBroker) -> None:
    """Middleware looks into records before the handler is asked; the usual parser decodes headers."""
    assert not broker.config.broker_middlewares
    assert not any(subscriber._broker_middlewares for subscriber in broker.subscribers)
    assert broker.config.broker_parser is factory.leave_as_it_came
    assert broker.config.broker_decoder is factory.hand_over_records
    assert broker.config.fd_config.use_fastdepends is False
    assert all(not subscriber._call_decorators for subscriber in broker.subscribers)


def test_the_broker_creates_no_topic_and_publishes_nothing(broker: KafkaBroker) -> None:
    assert broker.config.allow_auto_create_topics is False
    assert broker.config.consumer_only is True


async def test_the_parser_hands_over_records_as_they_came() -> None:
    records = (raw_record("t", value=None), raw_record("t", value=b"\xff", headers=[("a", None), ("b", b"\xff")]))
    message = await factory.leave_as_it_came(records, None)
    assert await factory.hand_over_records(message, None) is records


async def test_acknowledging_a_message_commits_nothing() -> None:
    message = await factory.leave_as_it_came((raw_record("t"),), None)
    assert isinstance(message, KafkaAckableMessage)
    await message.ack()
    await message.nack()


async def test_the_producer_is_idempotent_and_waits_for_all_replicas() -> None:
    producer = factory.make_producer(SETTINGS)
    assert producer._txn_manager is not None
    assert producer._txn_manager.transactional_id is None
    assert producer._sender._acks == -1
    assert producer._message_accumulator._batch_size == factory.PRODUCER_BATCH_BYTES < 1024 * 1024
    await producer.stop()


def test_faststream_acknowledges_publishes_and_serves_nothing() -> None:
    """`ack`, `publish`, `ping`, FastAPI routers and ASGI applications of FastStream appear nowhere in the chassis."""
    forbidden = ("KafkaBroker(", "AIOKafkaConsumer(", "AIOKafkaProducer(")
    unused = (
        ".ack(",
        ".nack(",
        ".reject(",
        "broker.publish(",
        ".ping(",
        "AsgiFastStream",
        "KafkaRouter",
        "TestKafkaBroker",
    )
    for source in SOURCES.rglob("*.py"):
        text = source.read_text()
        assert source.name == "broker.py" or not any(word in text for word in forbidden), source
        assert not any(word in text for word in unused), source


@pytest.mark.parametrize(
    ("security", "encrypted", "signed_in"),
    [("PLAINTEXT", False, False), ("SASL_PLAINTEXT", False, True), ("SASL_SSL", True, True)],
)
def test_consumer_and_producer_connect_alike(security: str, encrypted: bool, signed_in: bool) -> None:
    settings = QuickKafkaSettings("127.0.0.1:1", security, "me", "secret")
    options = factory._connection(settings)
    assert options["security_protocol"] == security
    assert ("ssl_context" in options) is encrypted
    assert (options.get("sasl_mechanism") == "SCRAM-SHA-512") is signed_in
    stated = factory._security(settings)
    assert (stated is not None) is signed_in
    assert stated is None or stated.use_ssl is encrypted
