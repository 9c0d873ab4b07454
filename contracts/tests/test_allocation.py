"""What the allocation service publishes is exact and names nobody."""

from typing import Any

import pytest
from pydantic import ValidationError

from kfi_contracts.allocation import SOURCE, AllocationProposed, PlanProved
from kfi_contracts.catalogue import ALL_EVENTS
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.examples import EVENT_EXAMPLES, example_envelope
from kfi_contracts.notifications import NotificationOrdered
from kfi_contracts.topics import PLACEMENTS, PLANS

OURS = [event for event in ALL_EVENTS if event.source == SOURCE]


def changed(event: type[Event], **changes: Any) -> Event:
    (example,) = EVENT_EXAMPLES[event].values()
    return event.model_validate({**dict(example), **changes})


def test_events_of_a_household_lie_on_one_topic_in_their_order_and_those_of_a_plan_on_another() -> None:
    by_subject = {(event.topic, event.subject_field) for event in OURS}
    assert by_subject == {(PLACEMENTS.name, "household_id"), (PLANS.name, "run_id"), (PLANS.name, "publication_id")}


@pytest.mark.parametrize("figure", ["1e-05", "01", "-1", "1,5", "", "NaN", 0.5])
def test_a_figure_of_a_plan_is_an_exact_decimal_text(figure: object) -> None:
    with pytest.raises(ValidationError):
        changed(PlanProved, gap=figure)


@pytest.mark.parametrize("ags", ["5515000", "055150000", "05515O00", 5515000])
def test_a_town_is_named_by_its_key_of_eight_digits(ags: object) -> None:
    with pytest.raises(ValidationError):
        changed(AllocationProposed, ags=ags)


@pytest.mark.parametrize("persons", [0, -1, 101])
def test_a_household_that_cannot_be_is_refused(persons: int) -> None:
    with pytest.raises(ValidationError):
        changed(AllocationProposed, persons=persons)


@pytest.mark.parametrize("service", ["applications", "allocation"])
def test_an_order_comes_from_the_service_that_ordered(service: str) -> None:
    order = NotificationOrdered.model_validate(
        {**dict(EVENT_EXAMPLES[NotificationOrdered]["letter"]), "ordered_by": service}
    )
    envelope: CloudEvent = example_envelope(order)
    assert envelope.source == f"/kfi/{service}"
    assert envelope.source in NotificationOrdered.sources()
