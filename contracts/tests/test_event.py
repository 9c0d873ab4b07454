"""Strict producers, tolerant readers."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from kfi_contracts import ALL_EVENTS, event_for
from kfi_contracts.applications import ApplicationFiled, DecisionMade
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES
from kfi_contracts.topics import ALL_TOPICS

GRANTED = EVENT_EXAMPLES[DecisionMade]["granted"]
FILED = EVENT_EXAMPLES[ApplicationFiled]["filed"]


def changed(event: Event, **changes: Any) -> bytes:
    return json.dumps({**json.loads(event.model_dump_json()), **changes}).encode()


def test_a_reader_ignores_fields_it_does_not_know_at_every_depth() -> None:
    years = [{**year, "new_in_year": 1} for year in json.loads(GRANTED.model_dump_json())["years"]]
    assert DecisionMade.read(changed(GRANTED, new={"deep": [1]}, years=years)) == GRANTED


def test_a_producer_cannot_add_fields() -> None:
    with pytest.raises(ValidationError):
        DecisionMade.model_validate({**GRANTED.model_dump(), "new": 1})


def test_an_unknown_enumeration_value_is_refused_not_guessed() -> None:
    with pytest.raises(ValidationError):
        DecisionMade.read(changed(GRANTED, outcome="postponed"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("filed_on", 1_700_000_000),
        ("filed_on", "2026-02-12T10:00:00"),
        ("filed_on", "2026-02-30"),
        ("late", "no"),
        ("late", 0),
        ("requested_amount", 24000),
        ("requested_amount", 24000.5),
        ("requested_amount", "24000"),
        ("application_id", 5),
        ("file_number", ""),
        ("file_number", "two\nlines"),
        ("programme", "free text is no code"),
        ("call", None),
    ],
)
def test_a_reader_converts_nothing(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        ApplicationFiled.read(changed(FILED, **{field: value}))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"\xff", b"{", b"{}"])
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError):
        ApplicationFiled.read(data)


def test_a_refusal_does_not_print_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        ApplicationFiled.read(changed(FILED, late="Erika Mustermann"))
    assert "Mustermann" not in str(caught.value)


def test_an_event_cannot_be_changed_after_the_fact() -> None:
    with pytest.raises(ValidationError):
        FILED.late = True  # type: ignore[attr-defined]


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.short_type())
def test_every_event_is_found_by_its_type_and_says_where_it_belongs(event: type[Event]) -> None:
    topic = next(topic for topic in ALL_TOPICS if topic.name == event.topic)
    assert event_for(event.type) is event
    assert event.type == f"de.nrw.kfi.{event.short_type()}"
    assert event.source.removeprefix("/kfi/") in topic.senders
    assert event.model_fields[event.subject_field].annotation is UUID
    assert event.__doc__ != Event.__doc__


def test_a_foreign_type_has_no_model() -> None:
    assert event_for("com.example.something.v1") is None


def test_types_are_unique() -> None:
    assert len({event.type for event in ALL_EVENTS}) == len(ALL_EVENTS)
