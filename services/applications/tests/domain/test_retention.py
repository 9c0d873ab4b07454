"""Personal data is kept for whole years after the end of the case and its project, and goes on the day after."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kfi_applications.domain.application import Happening
from kfi_applications.domain.decision import Decision, Outcome
from kfi_applications.domain.remedies import Remedies
from kfi_applications.domain.retention import RetentionRuns, erase, retained_until
from kfi_applications.domain.states import ENDED, State

DECIDED = Decision(UUID(int=1), Outcome.GRANTED, Decimal("1.00"), (), date(2026, 3, 9), "person-b", UUID(int=2), "")


@pytest.fixture
def ended(received: Any) -> Any:
    """A case whose decision of 2026 is final and whose project runs until 2027."""
    received.state, received.decision = State.FINAL, DECIDED
    received.remedies = Remedies(announced_on=date(2026, 3, 13), final_on=date(2026, 4, 14))
    received.project = replace(received.project, period_to=date(2027, 2, 28))
    received.happened.clear()
    return received


def test_the_period_begins_with_the_end_of_the_year_in_which_the_project_ends(ended: Any) -> None:
    assert retained_until(ended, 10) == date(2037, 12, 31)


def test_of_a_rejection_the_project_never_was(ended: Any) -> None:
    ended.decision = replace(DECIDED, outcome=Outcome.REJECTED, granted_amount=Decimal("0.00"))
    assert retained_until(ended, 10) == date(2036, 12, 31)


def test_a_decision_that_became_final_late_is_kept_longer(ended: Any) -> None:
    ended.remedies = replace(ended.remedies, final_on=date(2031, 5, 1))
    assert retained_until(ended, 10) == date(2041, 12, 31)


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_an_open_case_is_kept(ended: Any, state: State) -> None:
    ended.state = state
    with pytest.raises(RetentionRuns, match="not closed"):
        erase(ended, date(2099, 1, 1), 10)


def test_until_the_last_day_it_is_refused_with_that_day(ended: Any) -> None:
    with pytest.raises(RetentionRuns, match="2037-12-31"):
        erase(ended, date(2037, 12, 31), 10)
    assert ended.happened == []


def test_on_the_day_after_it_goes_once(ended: Any) -> None:
    for _ in range(2):
        assert erase(ended, date(2038, 1, 1), 10) == date(2037, 12, 31)
    assert (ended.erased_on, ended.happened) == (date(2038, 1, 1), [Happening.ERASED])
