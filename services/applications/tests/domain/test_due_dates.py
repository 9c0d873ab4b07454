"""Whose turn it is, and until when."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import Case
from kfi_applications.domain.decision import Proposal
from kfi_applications.domain.due_dates import OfficePeriods, WaitsFor, set_due_date, turn_of
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.remedies import FailedNotification
from kfi_applications.domain.states import ENDED, State

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
PERIODS = OfficePeriods(check=14, answer=28, budget=7, signature=3, announcement=10, court=90, remind_before=7)
MONDAY = date(2026, 3, 9)


def due(application: Application, today: date) -> tuple[str | None, date | None]:
    set_due_date(application, today, PERIODS)
    return application.waits_for, application.due_on


def test_what_was_received_waits_for_a_caseworker(received: Application) -> None:
    assert due(received, MONDAY) == ("caseworker", date(2026, 3, 23))


def test_the_date_stays_while_the_turn_stays(received: Application) -> None:
    due(received, MONDAY)
    received.open_formal_check()
    assert due(received, date(2026, 3, 20)) == ("caseworker", date(2026, 3, 23))


def test_a_new_turn_has_a_new_date(
    checked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    due(checked, MONDAY)
    checked.propose(proposal_of(), assess(case_of()))
    assert due(checked, date(2026, 3, 10)) == ("budget", date(2026, 3, 17))
    checked.reserve_funds()
    assert due(checked, date(2026, 3, 11)) == ("signatory", date(2026, 3, 16))  # the 14th is a Saturday


def test_a_rejection_waits_for_the_signatory_at_once(
    checked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of("0.00"), assess(case_of()))
    assert turn_of(checked) is WaitsFor.SIGNATORY


def test_an_announced_decision_waits_for_the_end_of_the_remedy_period(announced: Application) -> None:
    assert due(announced, date(2026, 3, 13)) == ("remedy-period", date(2026, 4, 13))


def test_a_decision_whose_letter_got_stuck_waits_for_whoever_can_order_it_again(granted: Application) -> None:
    assert turn_of(granted) is WaitsFor.ANNOUNCEMENT
    granted.record_failed_notification(FailedNotification("letter", "rendering_failed", final=True))
    assert turn_of(granted) is WaitsFor.SIGNATORY


def test_a_final_case_waits_for_nothing(announced: Application) -> None:
    due(announced, MONDAY)
    announced.end_remedy_period(date(2026, 4, 14))
    assert due(announced, date(2026, 4, 14)) == (None, None)


@pytest.mark.parametrize("state", [state for state in State if state not in ENDED])
def test_every_open_state_has_a_turn_and_a_date(
    application_of: Callable[[Case], Application], case_of: Callable[..., Case], state: State
) -> None:
    application = application_of(case_of())
    application.id, application.state = uuid4(), state
    assert due(application, MONDAY)[1] is not None
