"""Structured mode: one JSON document for feeds, the dead-letter desk and the examples."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_contracts import CloudEvent, InvalidEnvelope
from kfi_contracts.cloudevents import EnvelopeFault
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.strict_json import write_json

EXAMPLES = [each for examples in EVENT_EXAMPLES.values() for each in examples.values()]
texts = st.text(st.characters(codec="utf-8"))
json_values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=10,
)


def document(**changes: Any) -> bytes:
    members = {**json.loads(example_envelope(EXAMPLES[0]).to_structured()), **changes}
    return json.dumps({name: member for name, member in members.items() if member != "absent"}).encode()


def refusal(content: bytes) -> InvalidEnvelope:
    with pytest.raises(InvalidEnvelope) as caught:
        CloudEvent.from_structured(content)
    return caught.value


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.short_type())
def test_every_event_is_read_back_from_its_document(event: Event) -> None:
    envelope = CloudEvent.from_structured(example_envelope(event).to_structured())
    assert envelope == example_envelope(event)
    assert type(event).read(envelope.data) == event


@given(json_values)
def test_whatever_json_the_data_is_it_comes_back_equal(value: Any) -> None:
    envelope = example_envelope(EXAMPLES[0]).model_copy(update={"data": write_json(value)})
    assert CloudEvent.from_structured(envelope.to_structured()) == envelope


def test_the_document_shows_attributes_and_data_side_by_side() -> None:
    members = json.loads(example_envelope(EXAMPLES[0]).to_structured())
    assert members["specversion"] == "1.0"
    assert members["sequence"] == "0000000001"
    assert members["data"]["file_number"] == "MSO-2026-000123"
    assert "causationid" not in members


def test_binary_and_structured_say_the_same() -> None:
    _, value, headers = example_envelope(EXAMPLES[0]).to_kafka()
    assert CloudEvent.from_kafka(headers, value) == CloudEvent.from_structured(document())


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[]", b'"text"', b"null", b'{"data": NaN}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    assert refusal(content).reason == EnvelopeFault.NOT_JSON


@pytest.mark.parametrize("data", [None, "absent"])
def test_a_document_without_data_is_refused_as_a_tombstone(data: str | None) -> None:
    assert refusal(document(data=data)).reason == EnvelopeFault.TOMBSTONE


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "subject", "sequence"])
@pytest.mark.parametrize("nothing", [None, "absent"])
def test_a_missing_or_null_attribute_is_refused_by_name(name: str, nothing: str | None) -> None:
    fault = refusal(document(**{name: nothing}))
    assert (fault.reason, fault.attribute) == (EnvelopeFault.MISSING_ATTRIBUTE, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 5),
        ("time", 1_700_000_000),
        ("time", True),
        ("sequence", True),
        ("sequence", 1.0),
        ("subject", 5),
        ("type", []),
    ],
)
def test_an_attribute_of_the_wrong_json_type_is_refused(name: str, value: object) -> None:
    fault = refusal(document(**{name: value}))
    assert (fault.reason, fault.attribute) == (EnvelopeFault.INVALID_ATTRIBUTE, name)


@pytest.mark.parametrize("content_type", ["text/plain", 5, ["application/json"]])
def test_data_that_is_not_json_is_refused(content_type: object) -> None:
    assert refusal(document(datacontenttype=content_type)).reason == EnvelopeFault.UNSUPPORTED_CONTENT_TYPE


def test_json_is_implied_where_no_content_type_is_given() -> None:
    assert CloudEvent.from_structured(document(datacontenttype="absent")).datacontenttype == "application/json"


def test_attributes_of_others_are_ignored() -> None:
    assert CloudEvent.from_structured(document(partitionkey="x", data_base64=None)) == example_envelope(EXAMPLES[0])


def test_a_foreign_record_whose_data_is_no_json_cannot_become_a_document() -> None:
    envelope = example_envelope(EXAMPLES[0]).model_copy(update={"data": b"\xff"})
    with pytest.raises(InvalidEnvelope, match="not_json"):
        envelope.to_structured()
