from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.announcement import (
    Channel,
    Regime,
    WeekendPolicy,
    announced_by_retrieval,
    announced_on,
    announcement_rules,
    last_day_for_retrieval,
    latest_reading,
    weekend_policies,
)
from kfi_law.errors import NotRetrievedInTime, NoValueInForce, ReadingSettled
from kfi_law.legal_calendar import is_working_day, next_working_day

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))
BY_FICTION = st.sampled_from([Channel.LETTER, Channel.ELECTRONIC])
REGIMES = st.sampled_from(list(Regime))


@pytest.mark.parametrize(
    ("channel", "on", "announced"),
    [
        pytest.param(Channel.LETTER, date(2026, 3, 9), date(2026, 3, 13), id="a"),
        pytest.param(Channel.ELECTRONIC, date(2026, 3, 12), date(2026, 3, 16), id="b"),
        pytest.param(Channel.LETTER, date(2024, 11, 12), date(2024, 11, 15), id="e"),
    ],
)
def test_case_f22_announcement_by_channel(channel: Channel, on: date, announced: date) -> None:
    assert announced_on(channel, on).value == announced
    assert latest_reading(channel, on).value == announced


def test_case_f22_c_retrieved_on_the_fourth_day() -> None:
    assert announced_by_retrieval(date(2026, 3, 2), date(2026, 3, 5)).value == date(2026, 3, 6)
    assert announced_on(Channel.RETRIEVAL, date(2026, 3, 5)).value == date(2026, 3, 6)


def test_case_f22_d_never_retrieved_is_not_announced() -> None:
    assert last_day_for_retrieval(date(2026, 3, 2)).value == date(2026, 3, 12)
    with pytest.raises(NotRetrievedInTime, match="2026-03-12"):
        announced_by_retrieval(date(2026, 3, 2), None)


def test_a_retrieval_before_a_weekend_is_read_both_ways() -> None:
    notified, friday = date(2026, 3, 2), date(2026, 3, 6)
    assert announced_by_retrieval(notified, friday).value == date(2026, 3, 7)
    assert announced_by_retrieval(notified, friday, latest=True).value == date(2026, 3, 9)


def test_the_tenth_day_still_counts_and_the_eleventh_does_not() -> None:
    assert announced_by_retrieval(date(2026, 3, 2), date(2026, 3, 12)).value == date(2026, 3, 13)
    with pytest.raises(NotRetrievedInTime):
        announced_by_retrieval(date(2026, 3, 2), date(2026, 3, 13))


@pytest.mark.parametrize("regime", list(Regime))
def test_the_law_changes_with_the_day_of_posting_at_the_turn_of_2025(regime: Regime) -> None:
    before = announced_on(Channel.LETTER, date(2024, 12, 31), regime)
    after = announced_on(Channel.LETTER, date(2025, 1, 1), regime)
    assert (before.value, after.value) == (date(2025, 1, 3), date(2025, 1, 5))
    assert before.step.version != after.step.version


@given(BY_FICTION, DAYS, REGIMES)
def test_by_the_policy_in_force_the_fiction_works_on_its_own_day(channel: Channel, on: date, regime: Regime) -> None:
    days = 4 if on >= date(2025, 1, 1) else 3
    assert announced_on(channel, on, regime).value == on + timedelta(days=days)


def test_an_authority_mailbox_counts_four_days_from_provision() -> None:
    for regime in Regime:
        assert announced_on(Channel.AUTHORITY_MAILBOX, date(2026, 3, 9), regime).value == date(2026, 3, 13)


@given(BY_FICTION, DAYS)
def test_the_latest_reading_is_the_later_of_both(channel: Channel, on: date) -> None:
    readings = [announced_on(channel, on, weekend_policy=policy).value for policy in WeekendPolicy]
    assert latest_reading(channel, on).value == max(readings) == next_working_day(min(readings))
    assert is_working_day(latest_reading(channel, on).value)


@given(BY_FICTION, DAYS)
def test_where_the_courts_have_settled_it_both_readings_are_one(channel: Channel, on: date) -> None:
    assert latest_reading(channel, on, Regime.SOCIAL).value == announced_on(channel, on, Regime.SOCIAL).value


def test_a_reading_the_courts_refused_is_refused() -> None:
    with pytest.raises(ReadingSettled, match="SGB X"):
        announced_on(Channel.LETTER, date(2026, 3, 10), Regime.SOCIAL, WeekendPolicy.NEXT_WORKING_DAY)


@pytest.mark.parametrize(
    ("channel", "on", "regime"),
    [
        (Channel.AUTHORITY_MAILBOX, date(2024, 12, 31), Regime.GENERAL),
        (Channel.RETRIEVAL, date(2026, 3, 2), Regime.SOCIAL),
        (Channel.LETTER, date(2009, 12, 31), Regime.GENERAL),
    ],
)
def test_law_that_was_not_read_is_never_guessed(channel: Channel, on: date, regime: Regime) -> None:
    for read in (announced_on, latest_reading):
        with pytest.raises(NoValueInForce, match="add the dated row"):
            read(channel, on, regime)


def test_both_regimes_have_tables_of_their_own_with_equal_values_today() -> None:
    today = date(2026, 11, 23)
    for channel in (Channel.LETTER, Channel.ELECTRONIC, Channel.AUTHORITY_MAILBOX):
        general, social = (announcement_rules().decisive(f"{regime}/{channel}", today) for regime in Regime)
        assert general.days == social.days == 4
    assert weekend_policies().decisive("general", today).settled is False


def test_the_policy_is_named_only_where_it_matters() -> None:
    working_day, saturday = (
        announced_on(Channel.LETTER, date(2026, 3, 9)),
        announced_on(Channel.LETTER, date(2026, 3, 10)),
    )
    assert "§ 31 (3)" not in working_day.step.paragraph
    assert "§ 31 (3)" in saturday.step.paragraph
