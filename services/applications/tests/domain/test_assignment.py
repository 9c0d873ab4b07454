"""Whose case it is, and who stands in for whom: within the days of the mandate, and nobody for themselves."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.errors import MandateNotPossible, NoMandate, NotYours, WrongState
from kfi_applications.domain.mandate import Mandate

TODAY = date(2026, 3, 9)


def granted(**changes: Any) -> Mandate:
    wanted = {
        "represented": "person-a", "deputy": "person-b", "valid_from": TODAY, "valid_until": TODAY + timedelta(9),
        "by": "person-a", "by_signatory": False, "today": TODAY,
    }  # fmt: skip
    return Mandate.grant(uuid4(), **(wanted | changes))


def test_nobodys_case_is_everybodys_and_somebodys_is_that_persons(received: Application) -> None:
    received.work_on("person-b")
    received.assign("person-a", by="person-a")
    received.work_on("person-a")
    with pytest.raises(NoMandate):
        received.work_on("person-b")
    with pytest.raises(NoMandate):
        received.assign("person-b", by="person-b")
    assert received.assignee == "person-a"


def test_a_deputys_steps_say_for_whom(received: Application) -> None:
    received.assign("person-a", by="person-a")
    received.work_on("person-b", {"person-a"})
    received.open_formal_check()
    assert received.steps[-1].details["acting_for"] == "person-a"
    received.work_on("person-a")
    received.assign(None, by="person-a")
    assert "acting_for" not in received.steps[-1].details


def test_whoever_has_it_already_is_told(received: Application) -> None:
    with pytest.raises(WrongState):
        received.assign(None, by="person-a")


@pytest.mark.parametrize(("days", "stands_in"), [(-1, False), (0, True), (9, True), (10, False)])
def test_a_mandate_holds_on_its_first_and_on_its_last_day_and_on_no_other(days: int, stands_in: bool) -> None:
    assert granted().in_force(TODAY + timedelta(days)) is stands_in


def test_a_revoked_mandate_ends_on_that_day_and_once() -> None:
    mandate = granted()
    mandate.revoke(by="person-a", by_signatory=False, today=TODAY + timedelta(1))
    assert (mandate.in_force(TODAY), mandate.in_force(TODAY + timedelta(1))) == (True, False)
    with pytest.raises(WrongState):
        mandate.revoke(by="person-a", by_signatory=False, today=TODAY + timedelta(2))


def test_nobody_makes_themselves_a_deputy_not_even_as_a_signatory() -> None:
    for changes in ({"deputy": "person-a"}, {"represented": "person-c", "by": "person-b", "by_signatory": True}):
        with pytest.raises(MandateNotPossible):
            granted(**changes)


def test_for_somebody_else_only_a_signatory_grants_or_revokes() -> None:
    with pytest.raises(NotYours):
        granted(by="person-c")
    mandate = granted(by="person-c", by_signatory=True)
    with pytest.raises(NotYours):
        mandate.revoke(by="person-d", by_signatory=False, today=TODAY)
    mandate.revoke(by="person-d", by_signatory=True, today=TODAY)


@pytest.mark.parametrize("changes", [{"valid_until": TODAY - timedelta(1)}, {"valid_from": TODAY + timedelta(10)}])
def test_a_mandate_that_would_never_hold_is_refused(changes: dict[str, date]) -> None:
    with pytest.raises(MandateNotPossible):
        granted(**changes)
