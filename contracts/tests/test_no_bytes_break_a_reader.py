"""Whatever bytes come, a reader of the published language returns a value or raises its one documented error."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kfi_contracts import ALL_EVENTS, CloudEvent, InvalidEnvelope
from kfi_contracts.cloudevents import EnvelopeFault
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import LetterContent, content_bytes, read_content

texts = st.text(max_size=30) | st.sampled_from(["\0", "\ud800", "\ufeff", "9999-12-31", "1E+400", "0.001", "NaN"])
scalars = st.none() | st.booleans() | st.integers() | st.integers(2**63, 10**400) | st.floats() | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)
ENVELOPE = example_envelope(EVENT_EXAMPLES[ALL_EVENTS[0]]["filed"])
DEEP = st.sampled_from([b"[" * 20_000, b'{"a":' * 2_000, b"[" * 190 + b"]" * 190])


def bytes_like(example: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Bytes at random, JSON at random, and the example with some of its members replaced, lost, or cut off."""
    changed = st.fixed_dictionaries({}, optional=dict.fromkeys(example, anything)).map(lambda other: example | other)
    cut = st.integers(0, 2_000).map(lambda length: json.dumps(example).encode()[:length])
    return st.binary(max_size=200) | DEEP | cut | (anything | changed).map(lambda value: json.dumps(value).encode())


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.short_type())
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_an_event_is_read_or_refused(event: type[Event], data: st.DataObject) -> None:
    example = next(iter(EVENT_EXAMPLES[event].values()))
    document = data.draw(bytes_like(json.loads(example.model_dump_json())))
    assert isinstance(outcome(lambda: event.read(document)), event | ValidationError)


@settings(deadline=None, max_examples=50)
@given(document=bytes_like(json.loads(content_bytes(LETTER_EXAMPLES["grant-decision"]))))
def test_the_content_of_a_letter_is_read_or_refused(document: bytes) -> None:
    assert isinstance(outcome(lambda: read_content(document)), LetterContent | ValidationError)


@settings(deadline=None, max_examples=50)
@given(document=bytes_like(json.loads(ENVELOPE.to_structured())))
def test_a_structured_envelope_is_read_or_refused(document: bytes) -> None:
    found = outcome(lambda: CloudEvent.from_structured(document))
    assert found.reason in set(EnvelopeFault) if isinstance(found, InvalidEnvelope) else found.to_structured()


def outcome(read: Callable[[], Any]) -> Any:
    """What was read, or the error that may be."""
    try:
        return read()
    except (ValidationError, InvalidEnvelope) as refused:
        return refused
