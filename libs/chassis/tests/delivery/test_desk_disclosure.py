"""What the desk shows: ids and codes, and an event where its topic names nobody and this version reads it."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis.dead_letters import Letter
from kfi_chassis.desk import listing
from kfi_chassis.desk.reasons import Explanation, explain
from kfi_chassis.desk.views import LetterView
from kfi_chassis.testkit.delivery import raw_record
from kfi_contracts.applications import DecisionFinal, FinalityBasis
from kfi_contracts.notifications import NotificationOrdered


def seen(topic: str, value: bytes, headers: Any = (), event_type: str = "de.nrw.kfi.x.y.v1") -> LetterView:
    record = raw_record(topic, key=b"Erika Mustermann", value=value, headers=headers, offset=1)
    letter = Letter(7, "g", record, uuid4(), event_type, "missing", True, datetime.now(UTC), 0, None)
    return LetterView.of(letter, behind=None, waiting_behind=0, reasons={})


@pytest.mark.parametrize("topic", [NotificationOrdered.topic, "unknown.topic", DecisionFinal.topic])
def test_a_page_never_shows_what_is_sealed_broken_or_not_known_to_be_open(topic: str) -> None:
    headers = [
        ("ce_id", b"0b1c"),
        ("ce_subject", b"Erika Mustermann"),
        ("ce_correlationid", b"Erika"),
        ("ce_source", b"/Erika"),
        ("Erika Mustermann", b"x"),
        ("ce_type", b"\xff"),
    ]
    view = seen(topic, b'{"name": "Erika Mustermann"}', headers, "Erika")
    assert "Erika" not in listing.letter(view) + view.model_dump_json()
    assert "ce_id: 0b1c" in listing.letter(view)
    assert "missing" in listing.letter(view)


def test_a_page_of_an_open_topic_shows_the_event_as_this_version_reads_it() -> None:
    event = DecisionFinal(
        application_id=uuid4(), decision_id=uuid4(), final_on=date(2026, 3, 2), basis=FinalityBasis.REMEDY_PERIOD_ENDED
    )
    foreign = event.model_dump_json()[:-1] + ', "applicant": "Erika Mustermann"}'
    view = seen(DecisionFinal.topic, foreign.encode(), event_type=DecisionFinal.type)
    assert view.content == event.model_dump_json()
    assert "Erika" not in view.model_dump_json()
    assert view.sha256 == sha256(foreign.encode()).hexdigest()


def test_a_reason_is_explained_with_what_to_do() -> None:
    assert "earlier letter" in explain("behind_parked", {}).meaning
    assert "enum" in explain("invalid_data:channel:enum", {}).meaning
    own = {"wrong-state": Explanation("the case cannot", "look")}
    assert explain("wrong-state", own).remedy == "look"
    assert explain("unheard_of", own).remedy
