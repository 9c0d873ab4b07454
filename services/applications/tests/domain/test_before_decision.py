"""Before the decision: an application is taken back with its money, a project begins early with a permission."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.assessment import Result
from kfi_applications.domain.case import Case, Project
from kfi_applications.domain.decision import Proposal
from kfi_applications.domain.errors import AlreadyDecided, DateNotPossible, WrongState
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.remedies import PaymentBlock
from kfi_applications.domain.states import State

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
TODAY = date(2026, 3, 9)


def test_what_was_reserved_is_named_for_release_and_the_case_ends(in_second_check: Application) -> None:
    assert in_second_check.withdraw(TODAY, today=TODAY) == in_second_check.proposal
    assert (in_second_check.state, in_second_check.withdrawn_on) == (State.WITHDRAWN, TODAY)
    assert in_second_check.happened == [Happening.FILED, Happening.WITHDRAWN]
    assert in_second_check.payment_block(date.max) is PaymentBlock.NOTHING_GRANTED


def test_nothing_is_released_where_nothing_was_reserved(
    received: Application, checked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of("0.00"), assess(case_of()))
    checked.open_second_check("person-b")
    assert checked.withdraw(TODAY, today=TODAY) is None
    with pytest.raises(WrongState):
        checked.withdraw(TODAY, today=TODAY)


def test_a_signed_application_is_not_taken_back(granted: Application, announced: Application) -> None:
    for decided in (granted, announced):
        with pytest.raises(AlreadyDecided, match="is decided"):
            decided.withdraw(TODAY, today=TODAY)
        assert Happening.WITHDRAWN not in decided.happened


@pytest.mark.parametrize("days", [-1, 1])
def test_a_withdrawal_comes_neither_before_the_application_nor_tomorrow(received: Application, days: int) -> None:
    with pytest.raises(DateNotPossible):
        received.withdraw(TODAY + timedelta(days), today=TODAY)


def begun(application: Application, on: date | None, *, stated: bool = False) -> Application:
    project: Project = replace(application.project, begun_on=on, early_start_permitted=stated)
    application.project = project
    return application


def result(application: Application, case_of: Callable[..., Case], on: date) -> Result:
    return assess(application.case(case_of().call, on)).result


def test_f16a_who_began_before_the_decision_without_permission_is_refused(
    received: Application, case_of: Callable[..., Case]
) -> None:
    assert result(begun(received, date(2026, 3, 2)), case_of, TODAY) is Result.REFUSED


def test_f16a_what_the_applicant_says_of_a_permission_is_none(
    received: Application, case_of: Callable[..., Case]
) -> None:
    assert result(begun(received, date(2026, 3, 2), stated=True), case_of, TODAY) is Result.REFUSED


def test_a_permission_counts_for_what_begins_from_its_day_on(
    received: Application, case_of: Callable[..., Case]
) -> None:
    begun(received, date(2026, 3, 12)).permit_early_start(date(2026, 3, 10), by="person-b", today=TODAY)
    assert result(received, case_of, date(2026, 3, 20)) is Result.ELIGIBLE
    assert received.early_start is not None
    assert (received.early_start.permitted_by, received.early_start.permitted_on) == ("person-b", TODAY)
    assert received.state is State.RECEIVED


def test_a_permission_never_reaches_back(received: Application) -> None:
    with pytest.raises(DateNotPossible):
        begun(received, date(2026, 3, 2)).permit_early_start(TODAY, by="person-b", today=TODAY)
    with pytest.raises(DateNotPossible):
        begun(received, None).permit_early_start(TODAY - timedelta(1), by="person-b", today=TODAY)
    with pytest.raises(DateNotPossible):
        received.permit_early_start(received.project.period_to + timedelta(1), by="person-b", today=TODAY)


def test_it_is_permitted_once_and_not_after_the_decision(received: Application, granted: Application) -> None:
    with pytest.raises(AlreadyDecided):
        granted.permit_early_start(TODAY, by="person-b", today=TODAY)


def test_it_is_permitted_once(received: Application) -> None:
    received.permit_early_start(TODAY, by="person-b", today=TODAY)
    with pytest.raises(WrongState, match="permitted already"):
        received.permit_early_start(TODAY, by="person-b", today=TODAY)
