"""No event carries a person in the open, and nobody can forget to think about it."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import pytest

from kfi_contracts import ALL_EVENTS, CloudEvent
from kfi_contracts.classification import (
    Classification,
    Internal,
    Personal,
    Public,
    Sealed,
    classification_of,
    classified_fields,
    unclassified_fields,
)
from kfi_contracts.event import Event, Published
from kfi_contracts.letters import LetterContent, SealedPart
from kfi_contracts.notifications import NotificationOrdered


class Planted(Event):
    type: ClassVar[str] = "de.nrw.kfi.tests.planted.v1"
    topic: ClassVar[str] = "tests.planted.v1"
    source: ClassVar[str] = "/kfi/tests"
    subject_field: ClassVar[str] = "planted_id"

    planted_id: Annotated[UUID, Internal("The planted thing")] = UUID(int=1)


def open_persons(event: type[Event]) -> list[str]:
    return [path for path, level in classified_fields(event) if level is Classification.PERSONAL]


@pytest.mark.parametrize("model", [*ALL_EVENTS, LetterContent], ids=lambda model: model.__name__)
def test_every_published_field_is_classified(model: type[Published]) -> None:
    assert unclassified_fields(model) == []


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.short_type())
def test_no_event_carries_a_person_in_the_open(event: type[Event]) -> None:
    assert open_persons(event) == []


def test_an_unclassified_field_is_found() -> None:
    class Forgotten(Planted):
        note: str = ""

    assert unclassified_fields(Forgotten) == ["Forgotten.note"]


def test_an_unclassified_field_of_a_nested_model_is_found() -> None:
    class Inner(Published):
        note: str

    class Forgotten(Planted):
        inner: Annotated[dict[str, tuple[Inner | None, ...]], Internal()]

    assert unclassified_fields(Forgotten) == ["Inner.note"]


def test_a_person_in_the_open_is_found() -> None:
    class Careless(Planted):
        name: Annotated[str, Personal()]

    assert open_persons(Careless) == ["Careless.name"]


def test_a_person_in_the_open_is_found_in_a_nested_part_of_a_letter() -> None:
    class Who(SealedPart):
        name: str

    class Careless(Planted):
        who: Annotated[Who, Internal()]

    assert open_persons(Careless) == ["Who.name"]


def test_an_unclassified_event_cannot_be_wrapped() -> None:
    class Forgotten(Planted):
        note: str = ""

    with pytest.raises(ValueError, match=r"Forgotten\.note"):
        CloudEvent.wrap(Forgotten(), id=UUID(int=1), time=datetime(2026, 1, 1, tzinfo=UTC), sequence=1)


def test_the_most_sensitive_field_classifies_the_event() -> None:
    class Mixed(Planted):
        code: Annotated[str, Public()]
        content: Annotated[str, Sealed()]

    assert classification_of(Planted) is Classification.INTERNAL
    assert classification_of(Mixed) is Classification.SEALED
    assert classification_of(NotificationOrdered) is Classification.SEALED


def test_the_inside_of_a_letter_is_personal() -> None:
    assert classification_of(LetterContent) is Classification.PERSONAL


def test_the_schema_shows_the_classification() -> None:
    schema = NotificationOrdered.model_json_schema()
    assert schema["properties"]["content"]["x-classification"] == "sealed"
    assert schema["properties"]["channel"]["x-classification"] == "public"
