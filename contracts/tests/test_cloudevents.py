"""Binary mode: what goes to Kafka, what comes back, and everything that is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kfi_contracts import ALL_EVENTS, CloudEvent, InvalidEnvelope
from kfi_contracts.cloudevents import EnvelopeFault
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope

Headers = list[tuple[str, bytes | None]]
EXAMPLES = [each for examples in EVENT_EXAMPLES.values() for each in examples.values()]
EXAMPLE = EXAMPLES[0]
REQUIRED = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_sequence", "content-type"]
OPTIONAL = ["ce_dataschema", "ce_correlationid"]

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
times = st.datetimes(timezones=st.timezones()).filter(lambda time: 1 < time.year < 9999)
envelopes = st.builds(
    CloudEvent,
    id=st.uuids(),
    source=texts,
    type=texts,
    time=times,
    subject=texts,
    sequence=st.integers(1, 9_999_999_999),
    dataschema=st.none() | texts,
    correlationid=st.none() | texts,
    causationid=st.none() | texts,
    traceparent=st.none() | st.just("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    dataclassification=texts,
    data=st.binary(min_size=1),
)


def record(event: Event = EXAMPLE) -> tuple[Headers, bytes]:
    _, value, headers = example_envelope(event).to_kafka()
    return [*headers], value


def with_header(name: str, value: bytes | None) -> Headers:
    headers, _ = record()
    return [(key, value if key == name else old) for key, old in headers]


def refusal(headers: Headers, value: bytes | None = b"{}") -> InvalidEnvelope:
    with pytest.raises(InvalidEnvelope) as caught:
        CloudEvent.from_kafka(headers, value)
    return caught.value


@given(envelopes)
def test_what_is_written_to_kafka_is_read_back_equal(envelope: CloudEvent) -> None:
    _, value, headers = envelope.to_kafka()
    assert CloudEvent.from_kafka(headers, value) == envelope


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.short_type())
def test_every_event_travels_through_kafka_unchanged(event: Event) -> None:
    headers, value = record(event)
    envelope = CloudEvent.from_kafka(headers, value)
    assert type(event).read(envelope.data) == event
    assert envelope.type == event.type


def test_every_published_event_has_an_example() -> None:
    assert all(EVENT_EXAMPLES.get(event) for event in ALL_EVENTS)


def test_the_key_is_the_subject_so_that_events_of_one_aggregate_keep_their_order() -> None:
    key, _, headers = example_envelope(EXAMPLE).to_kafka()
    assert key == EXAMPLE.subject.encode() == dict(headers)["ce_subject"]


def test_binary_mode_writes_the_headers_of_the_kafka_binding() -> None:
    headers, _ = record()
    assert headers == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"7b0f4c52-2a9e-4d1c-8f63-5e7a1b9c0d24"),
        ("ce_source", b"/kfi/applications"),
        ("ce_type", b"de.nrw.kfi.applications.application-filed.v1"),
        ("ce_time", b"2026-03-09T08:30:00Z"),
        ("ce_subject", b"0f8a5c1e-3b62-4d8e-9a51-6f0c7d2e4b10"),
        ("ce_sequence", b"0000000001"),
        ("ce_dataschema", b"urn:kfi:schema:applications.application-filed.v1:1"),
        ("ce_correlationid", b"3c8d1f70-6e5b-4b9a-a2c4-f1d0e9b87a65"),
        ("ce_dataclassification", b"internal"),
        ("content-type", b"application/json"),
    ]


@given(st.lists(st.integers(1, 9_999_999_999), min_size=2))
def test_sequences_sort_as_texts_like_as_numbers(numbers: list[int]) -> None:
    written = {number: example_envelope(EXAMPLE).model_copy(update={"sequence": number}) for number in numbers}
    assert sorted(numbers) == sorted(numbers, key=lambda number: written[number].attributes()["sequence"])


def test_times_are_written_in_utc_whatever_the_zone() -> None:
    berlin_summer = timezone(timedelta(hours=2))
    envelope = wrapped(time=datetime(2026, 7, 1, 12, 0, 0, 5, berlin_summer))
    assert envelope.attributes()["time"] == "2026-07-01T10:00:00.000005Z"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValidationError):
        wrapped(time=datetime(2026, 7, 1))  # noqa: DTZ001 - naive on purpose


def test_an_event_without_data_cannot_be_built_because_kafka_would_take_it_for_a_tombstone() -> None:
    with pytest.raises(ValidationError):
        CloudEvent(**{**dict(wrapped()), "data": b""})


def test_sequences_count_from_one() -> None:
    with pytest.raises(ValidationError):
        wrapped(sequence=0)


def wrapped(time: datetime = datetime(2026, 7, 1, tzinfo=UTC), sequence: int = 1) -> CloudEvent:
    return CloudEvent.wrap(EXAMPLE, id=UUID(int=1), time=time, sequence=sequence)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_attribute_is_refused_by_name(name: str) -> None:
    headers = [header for header in record()[0] if header[0] != name]
    fault = refusal(headers)
    assert (fault.reason, fault.attribute) == (EnvelopeFault.MISSING_ATTRIBUTE, attribute(name))


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_attribute_may_be_absent(name: str) -> None:
    headers, value = record()
    envelope = CloudEvent.from_kafka([header for header in headers if header[0] != name], value)
    assert getattr(envelope, attribute(name)) is None


@pytest.mark.parametrize("name", REQUIRED + OPTIONAL)
def test_a_null_header_is_refused_by_name(name: str) -> None:
    fault = refusal(with_header(name, None))
    assert (fault.reason, fault.attribute) == (EnvelopeFault.NULL_HEADER, attribute(name))


@pytest.mark.parametrize("name", REQUIRED + OPTIONAL)
def test_a_header_that_is_not_utf8_is_refused_by_name(name: str) -> None:
    fault = refusal(with_header(name, b"\xff\xfe"))
    assert (fault.reason, fault.attribute) == (EnvelopeFault.NOT_UTF8, attribute(name))


@pytest.mark.parametrize("name", REQUIRED)
def test_an_attribute_given_twice_is_refused_because_readers_would_disagree(name: str) -> None:
    headers, _ = record()
    fault = refusal([*headers, *(header for header in headers if header[0] == name)])
    assert (fault.reason, fault.attribute) == (EnvelopeFault.DUPLICATE_ATTRIBUTE, attribute(name))


@pytest.mark.parametrize("value", [None, b""])
def test_a_tombstone_is_refused(value: bytes | None) -> None:
    assert refusal(record()[0], value).reason == EnvelopeFault.TOMBSTONE


@pytest.mark.parametrize("version", [b"0.3", b"1", b"1.1", b"2.0", b""])
def test_another_specversion_is_refused(version: bytes) -> None:
    assert refusal(with_header("ce_specversion", version)).reason == EnvelopeFault.UNSUPPORTED_SPECVERSION


@pytest.mark.parametrize(
    "content_type",
    [b"text/plain", b"application/cloudevents+json", b"application/jsonx", b"", b"application/json; charset=latin1"],
)
def test_an_unknown_content_type_is_refused(content_type: bytes) -> None:
    assert refusal(with_header("content-type", content_type)).reason == EnvelopeFault.UNSUPPORTED_CONTENT_TYPE


@pytest.mark.parametrize("content_type", [b"application/json; charset=utf-8", b"Application/JSON;charset=UTF-8"])
def test_a_content_type_that_says_the_same_is_read(content_type: bytes) -> None:
    envelope = CloudEvent.from_kafka(with_header("content-type", content_type), b"{}")
    assert envelope.datacontenttype == "application/json"


INVALID = {
    "ce_id": [
        b"",
        b"1",
        b"{7b0f4c52-2a9e-4d1c-8f63-5e7a1b9c0d24}",
        b"7b0f4c522a9e4d1c8f635e7a1b9c0d24",
        b"\xc3\xa4" * 36,
    ],
    "ce_time": [
        b"",
        b"yesterday",
        b"1700000000",
        b"2026-03-09",
        b"2026-03-09T08:30:00",
        b"2026-03-09 08:30:00Z",
        b"2026-02-30T08:30:00Z",
        b"0001-01-01T00:00:00+05:00",
        b"2026-03-09T08:30:00Z\n",
    ],
    "ce_sequence": [b"", b"0", b"-1", b"+1", b"1.0", b"1e3", b" 1", b"1_0", b"\xd9\xa1", b"99999999999", b"0000000000"],
    "ce_source": [b"", b"a\nb"],
    "ce_type": [b"", b"\x00", b"x" * 1025],
    "ce_subject": [b"", b"a\x7fb"],
    "ce_traceparent": [b"", b"00", b"00-XYZ-1"],
    "ce_dataclassification": [b""],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in INVALID.items() for value in values])
def test_a_malformed_attribute_is_refused_by_name(name: str, value: bytes) -> None:
    headers = [header for header in record()[0] if header[0] != name]
    fault = refusal([*headers, (name, value)])
    assert (fault.reason, fault.attribute) == (EnvelopeFault.INVALID_ATTRIBUTE, attribute(name))


@pytest.mark.parametrize("value", [None, b"\xff", b"anything"])
def test_headers_of_others_are_ignored_whatever_they_hold(value: bytes | None) -> None:
    headers, data = record()
    foreign: Headers = [("ce_partitionkey", value), ("kafka_replyTopic", value), ("ce_", value), ("CE_id", value)]
    assert CloudEvent.from_kafka([*foreign, *headers], data) == CloudEvent.from_kafka(headers, data)


SECRET = "Erika-Mustermann"


@pytest.mark.parametrize("name", [name for name in REQUIRED if name not in {"ce_source", "ce_type", "ce_subject"}])
def test_a_refusal_never_echoes_content(name: str) -> None:
    fault = refusal(with_header(name, SECRET.encode()))
    assert SECRET not in f"{fault} {fault!r} {fault.reason}"
    assert fault.__suppress_context__, "the original error carries the input"


@given(
    st.lists(st.tuples(st.sampled_from([*REQUIRED, *OPTIONAL, "x"]), st.none() | st.binary(max_size=40))), st.binary()
)
def test_whatever_comes_from_kafka_is_read_or_refused_with_a_known_code(headers: Headers, value: bytes) -> None:
    complete = dict(record()[0])
    for read in (lambda: CloudEvent.from_kafka(headers, value), lambda: spoiled(complete, headers, value)):
        assert outcome(read) is None or outcome(read) in set(EnvelopeFault)


def spoiled(complete: dict[str, bytes | None], headers: Headers, value: bytes) -> CloudEvent:
    return CloudEvent.from_kafka(list({**complete, **dict(headers)}.items()), value)


def outcome(read: Callable[[], CloudEvent]) -> str | None:
    try:
        read()
    except InvalidEnvelope as fault:
        return fault.reason
    return None


def attribute(header: str) -> str:
    return "datacontenttype" if header == "content-type" else header.removeprefix("ce_")
