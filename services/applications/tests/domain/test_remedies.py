"""After the decision: announcement, waiver, court action, finality, and whether money may flow."""

from datetime import date

import pytest

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.errors import DateNotPossible, WrongState
from kfi_applications.domain.remedies import ActionEnd, FailedNotification, FinalityBasis, PaymentBlock
from kfi_applications.domain.states import State

LATER = date(2026, 12, 31)


def test_f24a_after_the_remedy_period_the_decision_is_final(announced: Application) -> None:
    announced.state_bank_account(date(2026, 3, 14))
    announced.end_remedy_period(date(2026, 4, 14))
    assert announced.state is State.FINAL
    assert announced.remedies.final_on == date(2026, 4, 14)
    assert announced.remedies.basis is FinalityBasis.REMEDY_PERIOD_ENDED
    assert announced.payment_block(date(2026, 4, 13)) is PaymentBlock.NOT_FINAL
    assert announced.payment_block(date(2026, 4, 14)) is None


def test_f24b_a_waiver_makes_an_announced_decision_final_on_the_day_it_is_received(announced: Application) -> None:
    announced.state_bank_account(date(2026, 3, 14))
    announced.waive_remedies(date(2026, 3, 18), today=date(2026, 3, 20))
    assert announced.state is State.FINAL
    assert (announced.remedies.final_on, announced.remedies.basis) == (date(2026, 3, 18), FinalityBasis.WAIVER)
    assert announced.payment_block(date(2026, 3, 18)) is None


def test_f24c_a_pending_action_holds_finality_and_payment(announced: Application) -> None:
    announced.record_court_action(date(2026, 4, 10), today=LATER)
    announced.end_remedy_period(date(2026, 4, 14))
    assert announced.state is State.ACTION_PENDING
    assert announced.remedies.final_on is None
    assert announced.payment_block(date(2026, 4, 14)) is PaymentBlock.ACTION_PENDING
    assert Happening.BECAME_FINAL not in announced.happened


def test_a_waiver_before_the_announcement_counts_from_the_announcement(granted: Application) -> None:
    granted.waive_remedies(date(2026, 3, 10), today=LATER)
    assert granted.state is State.GRANTED
    granted.record_announcement(date(2026, 3, 13), date(2026, 4, 13))
    assert granted.state is State.FINAL
    assert granted.remedies.final_on == date(2026, 3, 13)


def test_a_waiver_recorded_late_never_makes_a_decision_final_before_its_announcement(announced: Application) -> None:
    announced.waive_remedies(date(2026, 3, 11), today=LATER)
    assert announced.remedies.final_on == date(2026, 3, 13)


def test_remedies_are_waived_once(granted: Application) -> None:
    granted.waive_remedies(date(2026, 3, 10), today=LATER)
    with pytest.raises(WrongState, match="waived already"):
        granted.waive_remedies(date(2026, 3, 11), today=LATER)


@pytest.mark.parametrize("ended", [True, False])
def test_a_dismissed_action_makes_the_decision_final(announced: Application, ended: bool) -> None:
    announced.record_court_action(date(2026, 4, 10), today=LATER)
    if ended:
        announced.end_remedy_period(date(2026, 4, 14))
    announced.conclude_court_action(ActionEnd.DISMISSED, date(2026, 11, 2), today=LATER)
    assert announced.state is State.FINAL
    assert (announced.remedies.final_on, announced.remedies.basis) == (
        date(2026, 11, 2), FinalityBasis.ACTION_CONCLUDED,
    )  # fmt: skip


def test_an_action_withdrawn_in_time_lets_the_remedy_period_run_on(announced: Application) -> None:
    announced.record_court_action(date(2026, 3, 20), today=LATER)
    announced.conclude_court_action(ActionEnd.WITHDRAWN, date(2026, 3, 25), today=LATER)
    assert announced.state is State.ANNOUNCED
    announced.end_remedy_period(date(2026, 4, 14))
    assert announced.remedies.basis is FinalityBasis.REMEDY_PERIOD_ENDED


def test_an_action_withdrawn_after_the_remedy_period_makes_the_decision_final(announced: Application) -> None:
    announced.record_court_action(date(2026, 3, 20), today=LATER)
    announced.end_remedy_period(date(2026, 4, 14))
    announced.conclude_court_action(ActionEnd.WITHDRAWN, date(2026, 5, 4), today=LATER)
    assert announced.remedies.final_on == date(2026, 5, 4)


def test_a_day_before_the_decision_or_after_today_is_not_possible(announced: Application) -> None:
    for day in (date(2026, 3, 8), date(2026, 3, 19)):
        with pytest.raises(DateNotPossible):
            announced.waive_remedies(day, today=date(2026, 3, 18))
        with pytest.raises(DateNotPossible):
            announced.record_court_action(day, today=date(2026, 3, 18))
    assert announced.state is State.ANNOUNCED


def test_a_failed_letter_is_kept_for_a_person_until_it_is_announced(granted: Application) -> None:
    granted.record_failed_notification(FailedNotification("letter", "rendering_failed", True))
    granted.record_failed_notification(FailedNotification("email", "recipient_refused", True))
    assert (granted.state, len(granted.failed_notifications)) == (State.GRANTED, 2)
    granted.record_announcement(date(2026, 3, 13), date(2026, 4, 13))
    assert [failed.channel for failed in granted.failed_notifications] == ["email"]
