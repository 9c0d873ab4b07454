from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.legal_calendar import is_working_day
from kfi_law.periods import (
    end_of_day_period,
    end_of_month_period,
    end_of_year_period,
    nominal_end_of_day_period,
    nominal_end_of_month_period,
)

DAYS = st.dates(min_value=date(1996, 1, 1), max_value=date(2100, 12, 31))
MONTHS = st.integers(min_value=1, max_value=60)
LONGEST_RUN_OF_FREE_DAYS = timedelta(days=4)


@given(DAYS, MONTHS)
def test_a_period_never_ends_on_a_day_off(event_day: date, months: int) -> None:
    assert is_working_day(end_of_month_period(event_day, months))
    assert is_working_day(end_of_day_period(event_day, months))


@given(DAYS, MONTHS)
def test_a_period_moves_only_forward_and_never_over_a_working_day(event_day: date, months: int) -> None:
    nominal, end = nominal_end_of_month_period(event_day, months), end_of_month_period(event_day, months)
    assert timedelta(0) <= end - nominal <= LONGEST_RUN_OF_FREE_DAYS
    assert not any(is_working_day(nominal + timedelta(days=n)) for n in range((end - nominal).days))


@given(DAYS, MONTHS)
def test_the_nominal_end_has_the_number_of_the_event_day_or_is_the_last_of_a_shorter_month(
    event_day: date, months: int
) -> None:
    nominal = nominal_end_of_month_period(event_day, months)
    assert (nominal.year - event_day.year) * 12 + nominal.month - event_day.month == months
    assert nominal.day == event_day.day or (
        nominal.day < event_day.day and (nominal + timedelta(days=1)).month != nominal.month
    )


@given(DAYS, DAYS, MONTHS)
def test_a_later_event_never_ends_a_period_earlier(one: date, other: date, months: int) -> None:
    first, second = sorted((one, other))
    assert end_of_month_period(first, months) <= end_of_month_period(second, months)
    assert end_of_day_period(first, months) <= end_of_day_period(second, months)


@given(DAYS, MONTHS)
def test_a_longer_period_never_ends_earlier(event_day: date, months: int) -> None:
    assert end_of_month_period(event_day, months) <= end_of_month_period(event_day, months + 1)


@given(DAYS, st.integers(min_value=1, max_value=30))
def test_a_year_is_twelve_months(event_day: date, years: int) -> None:
    assert end_of_year_period(event_day, years) == end_of_month_period(event_day, 12 * years)


@pytest.mark.parametrize(
    ("event_day", "months", "end"),
    [
        (date(2027, 1, 29), 1, date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (date(2028, 1, 31), 1, date(2028, 2, 29)),  # leap year
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 11, 25), 1, date(2026, 12, 28)),  # Christmas on Friday, then Saturday and Sunday
        (date(2026, 12, 1), 1, date(2027, 1, 4)),  # New Year on Friday
        (date(2017, 9, 30), 1, date(2017, 10, 30)),
        (date(2017, 8, 31), 2, date(2017, 11, 2)),  # 31 October 2017 was a holiday, 1 November always is
        (date(2018, 8, 31), 2, date(2018, 10, 31)),  # Reformation Day is a working day here
        (date(2026, 5, 4), 1, date(2026, 6, 5)),  # Corpus Christi
    ],
)
def test_months_without_that_day_and_holidays(event_day: date, months: int, end: date) -> None:
    assert end_of_month_period(event_day, months) == end


def test_a_year_begun_on_29_february_ends_on_28_february() -> None:
    assert nominal_end_of_month_period(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert end_of_year_period(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_case_f26_proof_of_use_after_six_months() -> None:
    assert end_of_month_period(date(2025, 12, 31), 6) == date(2026, 6, 30)
    assert end_of_month_period(date(2025, 9, 15), 6) == date(2026, 3, 16)


def test_case_f27_the_year_for_a_revocation() -> None:
    assert end_of_year_period(date(2025, 8, 12), 1) == date(2026, 8, 12)


@pytest.mark.parametrize("length", [0, -1])
def test_a_period_without_length_is_refused(length: int) -> None:
    for period in (end_of_month_period, end_of_day_period, end_of_year_period, nominal_end_of_day_period):
        with pytest.raises(ValueError, match="length"):
            period(date(2026, 1, 1), length)
