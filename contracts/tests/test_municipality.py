"""What towns are told: one language through three doors, without persons, about one town at a time."""

from typing import Any

import pytest

from kfi_contracts import ALL_EVENTS, CloudEvent
from kfi_contracts.classification import Classification, classified_fields, unclassified_fields
from kfi_contracts.examples import example_envelope
from kfi_contracts.municipality import (
    MUNICIPAL_EVENTS,
    MunicipalEvent,
    TownHouseholdMovedOut,
    TownPlacementWithdrawn,
    municipal_event_for,
)
from kfi_contracts.municipality_examples import MUNICIPAL_EXAMPLES
from kfi_contracts.topics import ALL_TOPICS, MUNICIPALITY

EXAMPLES = [each for examples in MUNICIPAL_EXAMPLES.values() for each in examples.values()]


@pytest.mark.parametrize("event", MUNICIPAL_EVENTS, ids=lambda event: event.short_type())
def test_no_event_carries_a_person_and_every_field_is_classified(event: type[MunicipalEvent]) -> None:
    assert unclassified_fields(event) == []
    assert {level for _, level in classified_fields(event)} <= {Classification.PUBLIC, Classification.INTERNAL}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda event: event.short_type())
def test_an_event_is_about_one_town_which_is_its_subject_and_key(example: MunicipalEvent) -> None:
    envelope = example_envelope(example)
    key, value, headers = envelope.to_kafka()
    assert (envelope.subject, key) == (example.ags, example.ags.encode())
    assert CloudEvent.from_kafka(headers, value) == envelope
    model = municipal_event_for(envelope.type)
    assert model is not None
    assert model.read(envelope.data) == example


@pytest.mark.parametrize("event", [TownPlacementWithdrawn, TownHouseholdMovedOut])
def test_where_a_household_goes_next_is_not_told(event: Any) -> None:
    assert {name for name, _ in classified_fields(event) if "ags" in name} == {f"{event.__name__}.ags"}


def test_every_event_has_an_example_and_a_name_of_its_own() -> None:
    assert set(MUNICIPAL_EXAMPLES) == set(MUNICIPAL_EVENTS)
    names = [event.__name__ for event in (*ALL_EVENTS, *MUNICIPAL_EVENTS)]
    assert len(set(names)) == len(names)
    assert municipal_event_for("de.nrw.kfi.municipality.unheard-of.v1") is None


def test_no_service_reads_what_towns_are_told() -> None:
    assert MUNICIPALITY.readers == ()
    assert MUNICIPALITY not in ALL_TOPICS
    assert not {event.topic for event in ALL_EVENTS} & {MUNICIPALITY.name}
