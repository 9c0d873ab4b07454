"""What an outbox writes is what the envelope writes, for every event, and it refuses what the envelope refuses."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kfi_contracts import CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES
from kfi_contracts.outgoing import write

EXAMPLES = [each for examples in EVENT_EXAMPLES.values() for each in examples.values()]
SOUND: dict[str, Any] = {
    "id": UUID(int=1),
    "time": datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2))),
    "sequence": 7,
    "correlationid": "c",
    "causationid": "d",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


def by_the_envelope(event: Event, **context: Any) -> tuple[str, bytes, dict[str, str]]:
    key, value, headers = CloudEvent.wrap(event, **context).to_kafka()
    return key.decode(), value, {name: content.decode() for name, content in headers}


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.short_type())
@pytest.mark.parametrize("left_out", [(), ("correlationid",), ("correlationid", "causationid", "traceparent")])
def test_every_event_is_written_as_its_envelope_writes_it(event: Event, left_out: tuple[str, ...]) -> None:
    context = {name: value for name, value in SOUND.items() if name not in left_out}
    assert write(event, **context) == by_the_envelope(event, **context)


SPOILED = {
    "time": st.datetimes() | st.datetimes(timezones=st.just(UTC)),
    "sequence": st.integers(-1, 2) | st.integers(9_999_999_998, 10_000_000_001),
    "correlationid": st.text(max_size=3),
    "causationid": st.text(max_size=3),
    "traceparent": st.sampled_from(["", "00", "00-XYZ-1", "00-0af7-b7ad-01"]),
}


@given(st.sampled_from(sorted(SPOILED)).flatmap(lambda name: SPOILED[name].map(lambda value: {name: value})))
def test_it_refuses_what_the_envelope_refuses(spoiled: dict[str, Any]) -> None:
    context = SOUND | spoiled
    try:
        expected = by_the_envelope(EXAMPLES[0], **context)
    except ValidationError:
        with pytest.raises(ValidationError):
            write(EXAMPLES[0], **context)
    else:
        assert write(EXAMPLES[0], **context) == expected


def test_what_one_record_says_never_shows_in_the_next() -> None:
    write(EXAMPLES[0], **SOUND)
    _, _, headers = write(EXAMPLES[0], id=UUID(int=2), time=SOUND["time"], sequence=8)
    assert "ce_correlationid" not in headers
    headers["ce_type"] = "changed"
    assert write(EXAMPLES[0], **SOUND)[2]["ce_type"] == EXAMPLES[0].type
