"""A request for information: asked with a day, reminded, answered, or given back; nobody decides too early."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.case import Case
from kfi_applications.domain.decision import Proposal
from kfi_applications.domain.due_dates import OfficePeriods, WaitsFor, set_due_date, turn_of
from kfi_applications.domain.errors import AnswerStillPossible, DateNotPossible, WrongState
from kfi_applications.domain.information_request import IfUnanswered, InformationRequest, MissingItem
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.states import State

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
TODAY = date(2026, 3, 9)
LAST_DAY = date(2026, 4, 6)
ASKED = InformationRequest(
    letter_id=uuid4(), items=(MissingItem.STATUTES,), text=None, requested_on=TODAY, answer_by=LAST_DAY,
    consequence=IfUnanswered.DECIDED_ON_THE_FILE, requested_by="person-a",
)  # fmt: skip


@pytest.fixture
def asked(received: Application) -> Application:
    received.open_formal_check()
    received.request_information(ASKED)
    return received


def test_a_request_is_told_once_and_waits_for_the_applicant_until_its_day(asked: Application) -> None:
    assert (asked.state, asked.open_request) == (State.INFORMATION_REQUESTED, ASKED)
    assert asked.happened.count(Happening.INFORMATION_REQUESTED) == 1
    set_due_date(asked, TODAY, OfficePeriods(14, 28, 7, 7, 14, 90, 7))
    assert (asked.waits_for, asked.due_on) == ("applicant", LAST_DAY)


def test_what_was_asked_for_in_the_substance_check_starts_the_check_anew(checked: Application) -> None:
    checked.request_information(ASKED)
    checked.answer_request("Anbei die Satzung.", TODAY, today=TODAY)
    assert (checked.state, checked.assessment, checked.open_request) == (State.FORMAL_CHECK, None, None)
    assert checked.information_requests[-1].answer == "Anbei die Satzung."


@pytest.mark.parametrize("days", [0, -1, 367, 36_500])
def test_a_day_that_is_over_or_a_slip_is_refused(received: Application, days: int) -> None:
    received.open_formal_check()
    with pytest.raises(DateNotPossible):
        received.request_information(replace(ASKED, answer_by=TODAY + timedelta(days)))
    assert (received.state, received.information_requests) == (State.FORMAL_CHECK, ())


def test_nobody_decides_while_an_answer_would_be_in_time(
    asked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    with pytest.raises(AnswerStillPossible):
        asked.propose(proposal_of("0.00", proposed_on=LAST_DAY), assess(case_of()))
    asked.propose(proposal_of("0.00", proposed_on=LAST_DAY + timedelta(1)), assess(case_of()))
    assert asked.state is State.PROPOSED


def test_who_does_not_answer_is_decided_on_by_a_person_and_what_the_file_bears_may_be_granted(
    asked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    asked.end_answer_period(LAST_DAY + timedelta(1))
    assert (asked.state, turn_of(asked)) == (State.INFORMATION_REQUESTED, WaitsFor.CASEWORKER)
    asked.propose(proposal_of(proposed_on=LAST_DAY + timedelta(1)), assess(case_of()))
    assert asked.state is State.PROPOSED


def test_a_period_ends_after_its_last_day_and_once(asked: Application) -> None:
    with pytest.raises(WrongState):
        asked.end_answer_period(LAST_DAY)
    asked.end_answer_period(LAST_DAY + timedelta(1))
    with pytest.raises(WrongState):
        asked.end_answer_period(LAST_DAY + timedelta(2))


def test_a_late_answer_is_taken(asked: Application) -> None:
    late = LAST_DAY + timedelta(3)
    asked.end_answer_period(LAST_DAY + timedelta(1))
    asked.answer_request("Verspätet, hier ist sie.", late, today=late)
    assert (asked.state, asked.information_requests[-1].answered_on) == (State.FORMAL_CHECK, late)


def test_reminders_are_counted_one_a_day_and_none_once_it_is_too_late(asked: Application) -> None:
    assert asked.remind(LAST_DAY).reminded_on == (LAST_DAY,)
    for day in (LAST_DAY, LAST_DAY + timedelta(1)):
        with pytest.raises(WrongState):
            asked.remind(day)


def test_a_day_is_moved_by_asking_anew(asked: Application) -> None:
    asked.end_answer_period(LAST_DAY + timedelta(1))
    later = replace(ASKED, requested_on=LAST_DAY + timedelta(1), answer_by=LAST_DAY + timedelta(30))
    asked.request_information(later)
    assert (asked.open_request, turn_of(asked)) == (later, WaitsFor.APPLICANT)


def test_an_answer_to_nothing_and_an_answer_of_tomorrow_are_refused(received: Application) -> None:
    with pytest.raises(WrongState):
        received.answer_request("Anbei.", TODAY, today=TODAY)
    received.open_formal_check()
    received.request_information(ASKED)
    with pytest.raises(DateNotPossible):
        received.answer_request("Anbei.", TODAY + timedelta(1), today=TODAY)


def test_every_item_and_every_consequence_has_its_sentence() -> None:
    everything = replace(ASKED, items=tuple(MissingItem), text="Bitte auch das Logo.")
    assert len(set(everything.sentences)) == len(MissingItem) + 1
    assert len({replace(ASKED, consequence=each).what_follows for each in IfUnanswered}) == len(IfUnanswered)
