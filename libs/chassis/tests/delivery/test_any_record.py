"""A record is read whatever is in it: the answer is a value, and never an exception."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kfi_chassis.broker import Record
from kfi_chassis.deliveries import Readable, Skipped, Unreadable, read
from kfi_chassis.subscriptions import Consumer
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.notifications import NotificationFailed

consumer = Consumer(group="anybody")
KEY, VALUE, HEADERS = example_envelope(EVENT_EXAMPLES[NotificationFailed]["email"]).to_kafka()
KNOWN_FAULT = re.compile(r"[a-z_0-9]+|invalid_data:[a-z_]+:[a-z_]+")
names = st.sampled_from([name for name, _ in HEADERS]) | st.text(max_size=10)
values = st.none() | st.binary(max_size=40) | st.sampled_from([value for _, value in HEADERS])
headers = st.lists(st.tuples(names, values), max_size=15)
cut = st.integers(0, len(VALUE)).map(lambda length: VALUE[:length])


@consumer.on(NotificationFailed, hold_key=True)
async def _never_called(event: NotificationFailed, work: Any) -> None: ...


@settings(deadline=None, max_examples=200)
@given(
    added=headers, instead=st.booleans(), key=st.none() | st.binary(max_size=20),
    value=st.none() | st.binary(max_size=100) | cut | st.just(VALUE), timestamp=st.integers(-1, 2**62),
)  # fmt: skip
def test_every_record_becomes_a_delivery(
    added: list[tuple[str, bytes | None]], instead: bool, key: bytes | None, value: bytes | None, timestamp: int
) -> None:
    sent = added if instead else list({**dict(HEADERS), **dict(added)}.items())
    record: Record = Record(
        topic=NotificationFailed.topic, partition=0, offset=7, timestamp=timestamp, timestamp_type=0, key=key,
        value=value, checksum=None, serialized_key_size=-1, serialized_value_size=-1, headers=tuple(sent),
    )  # fmt: skip
    delivery = read(record, consumer)
    assert isinstance(delivery, Skipped | Readable | Unreadable)
    assert not isinstance(delivery, Unreadable) or KNOWN_FAULT.fullmatch(delivery.fault)
