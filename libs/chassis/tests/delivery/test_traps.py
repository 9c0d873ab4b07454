"""Each known trap of FastStream and aiokafka, and the test that shows this chassis immune to it.

Where a feature is simply not used, one assertion over the factory's subscribers says so (`test_broker`).
"""

import re
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer
from kfi_chassis.testkit.delivery import deliver, raw_record, record_of
from kfi_chassis.testkit.events import happened_on

HERE: Final = Path(__file__).parent

MEASURED_ON_A_BROKER: Final = {
    "1 MANUAL: a handler that raises skips its batch, and the next acknowledgement commits past it": (
        "test_consumer_on_kafka::test_a_held_record_is_never_passed_by_the_offset_and_comes_again"
    ),
    "2 one null or non-UTF-8 header loses the whole batch": (
        "test_consumer_on_kafka::test_tombstones_and_broken_headers_cost_only_themselves",
        "test_protection_removed::test_without_the_own_parser_a_batch_is_lost_and_the_accounts_tell",
    ),
    "3 a CancelledError leaving a handler ends the consume loop unnoticed": (
        "test_consumer_on_kafka::test_a_handler_that_leaks_a_cancellation_does_not_end_the_consumer",
        "test_consumer_on_kafka::test_a_consume_task_that_ended_turns_liveness_red",
    ),
    "4 NACK_ON_ERROR spins on a permanent error": (
        "test_broker::test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself",
        "test_assignment::test_the_delay_doubles_up_to_five_seconds_and_begins_anew_after_a_success",
    ),
    "5 an idempotent publish never times out, a commit hangs while the broker is away": (
        "test_outages::test_the_broker_frozen_under_load",
        "test_assignment::test_a_commit_the_broker_never_answers_is_given_up",
    ),
    "6 a publish that failed may still arrive": (
        "test_outages::test_the_broker_frozen_under_load",
        "test_outbox_properties_10_to_14::test_property_10_killed_between_ack_and_update_it_sends_the_same_events_again",
        "test_protection_removed::test_without_the_inbox_effects_happen_twice",
    ),
    "7 a bare commit succeeds for a partition that has moved": (
        "test_assignment::test_only_explicit_offsets_are_committed",
        "test_assignment::test_after_its_end_nothing_is_committed_set_back_or_resumed",
    ),
    "8 ACK_FIRST and ACK commit past a raising handler": (
        "test_broker::test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself"
    ),
    "9 a failed commit is only logged": (
        "test_assignment::test_a_commit_that_failed_is_made_again_with_the_newest_offset",
        "test_guard::test_a_second_delivery_does_nothing",
    ),
    "10 start() fails on a dead broker and hangs on a frozen one": (
        "test_outages::test_a_member_starts_by_itself_when_a_dead_or_frozen_broker_is_back"
    ),
    "11 tombstones, and a middleware that raises on one before the handler runs": (
        "test_consumer_on_kafka::test_tombstones_and_broken_headers_cost_only_themselves",
        "test_broker::test_every_subscriber_has_the_own_parser_and_no_middleware",
    ),
    "12 hundreds of topics with many partitions": "test_broker::test_the_broker_creates_no_topic_and_publishes_nothing",
    "a member joins while a handler runs long": (
        "test_consumer_on_kafka::test_a_batch_in_flight_ends_before_its_partitions_move_and_nothing_is_handled_twice"
    ),
    "a handler longer than max_poll_interval_ms": (
        "test_consumer_on_kafka::test_a_batch_that_takes_too_long_turns_liveness_red"
    ),
    "a rolling restart handles twice": (
        "test_consumer_on_kafka::test_a_rolling_restart_of_static_members_delivers_nothing_twice"
    ),
}
READ_IN_THE_SOURCE: Final = {
    "the default policy is at most once": (
        "test_broker::test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself"
    ),
    "a new group begins at the latest event": (
        "test_broker::test_every_subscriber_begins_at_the_earliest_event",
        "test_consumer_on_kafka::test_events_published_before_the_first_member_came_are_taken",
    ),
    "the producer waits for one replica and is not idempotent": (
        "test_broker::test_the_producer_is_idempotent_and_waits_for_all_replicas"
    ),
    "topics are created by themselves": "test_broker::test_the_broker_creates_no_topic_and_publishes_nothing",
    "REJECT_ON_ERROR drops the event": (
        "test_broker::test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself"
    ),
    "NACK_ON_ERROR blocks its partition for ever": (
        "test_consumer_on_kafka::test_parked_records_are_passed_and_the_offset_moves_on"
    ),
    "broken JSON loops before the handler is entered": "test_guard::test_what_cannot_be_read_is_parked_with_its_reason",
    "a header that is no UTF-8 is skipped for good": (
        "test_consumer_on_kafka::test_tombstones_and_broken_headers_cost_only_themselves"
    ),
    "message_id is not unique": "test_traps::test_the_inbox_goes_by_the_events_id_and_never_by_the_offset",
    "structured CloudEvents are not decoded": (
        "test_traps::test_a_structured_event_is_parked_with_its_reason_and_stops_nothing"
    ),
    "commit failures are swallowed": "test_assignment::test_a_commit_that_failed_is_made_again_with_the_newest_offset",
    "a slow handler leaves the group": "test_consumer_on_kafka::test_a_batch_that_takes_too_long_turns_liveness_red",
    "the concurrent subscriber stops before it drains": (
        "test_broker::test_every_subscriber_takes_batches_and_acknowledges_nothing_by_itself"
    ),
    "ping() is green while the consumer is dead": (
        "test_broker::test_faststream_acknowledges_publishes_and_serves_nothing",
        "test_consumer_on_kafka::test_a_consume_task_that_ended_turns_liveness_red",
    ),
    "a crashed loop restarts without a pause": (
        "test_traps::test_nothing_a_record_holds_makes_the_handler_raise",
        "test_consumer_on_kafka::test_a_consume_loop_that_crashes_again_and_again_turns_liveness_red",
    ),
    "AsgiFastStream matches exact paths only": (
        "test_broker::test_faststream_acknowledges_publishes_and_serves_nothing"
    ),
    "publish() is in no document": ("test_broker::test_faststream_acknowledges_publishes_and_serves_nothing"),
}


@pytest.mark.parametrize("trap", [*MEASURED_ON_A_BROKER, *READ_IN_THE_SOURCE])
def test_each_trap_has_its_test(trap: str) -> None:
    named = {**MEASURED_ON_A_BROKER, **READ_IN_THE_SOURCE}[trap]
    for name in [named] if isinstance(named, str) else named:
        module, _, function = name.partition("::")
        source = (HERE / f"{module}.py").read_text()
        assert re.search(rf"^(async )?def {function}\(", source, re.MULTILINE), name


def test_all_traps_are_listed() -> None:
    assert [int(trap.split()[0]) for trap in MEASURED_ON_A_BROKER if trap[0].isdigit()] == list(range(1, 13))
    assert len(READ_IN_THE_SOURCE) == 17


def noting(event: Any) -> Consumer:
    consumer = Consumer(f"group-{uuid4().hex[:8]}")

    @consumer.on(event)
    async def note(happened: Any, work: Any) -> None:
        await work.note(happened)

    return consumer


@pytest.mark.servers
async def test_the_inbox_goes_by_the_events_id_and_never_by_the_offset(database: Any) -> None:
    """Two topics hold different events at the same offset and time; one event stands at two offsets."""
    one, other = happened_on("one"), happened_on("other", kind="other")
    consumer = noting(one)
    consumer.on(other)(lambda happened, work: work.note(happened))
    event_id = uuid4()
    records = [
        record_of(one(subject_id=uuid4(), number=1), event_id=event_id, offset=7),
        record_of(other(subject_id=uuid4(), number=2), offset=7),
        record_of(one(subject_id=uuid4(), number=1), event_id=event_id, offset=8),
    ]
    accounts = await deliver(consumer, database.transactions, records)
    assert accounts.total(Outcome.DUPLICATE) == 1
    assert await database.effects() == [1, 2]


@pytest.mark.servers
async def test_a_structured_event_is_parked_with_its_reason_and_stops_nothing(database: Any, happened: Any) -> None:
    consumer = noting(happened)
    sound = record_of(happened(subject_id=uuid4(), number=1))
    headers = [("content-type", b"application/cloudevents+json"), *sound.headers[:-1]]
    structured = raw_record(happened.topic, key=b"k", value=b"{}", headers=headers)
    await deliver(consumer, database.transactions, [structured, sound])
    assert await database.effects() == [1]
    assert [letter.reason for letter in await database.letters(consumer.group)] == ["unsupported_content_type"]


@pytest.mark.servers
@pytest.mark.parametrize(
    "value", [b"", b"\x00", b"[" * 100_000, b'{"number": 1e999999}', b'{"number": NaN}', b"\xed\xa0\x80", b"null"]
)
async def test_nothing_a_record_holds_makes_the_handler_raise(database: Any, happened: Any, value: bytes) -> None:
    consumer = noting(happened)
    sound = record_of(happened(subject_id=uuid4()))
    record = raw_record(happened.topic, key=b"\x00\xff", value=value, headers=[*sound.headers, ("\x00", b"\x00")])
    accounts = await deliver(consumer, database.transactions, [record])
    assert accounts.total(Outcome.PARKED) == 1
