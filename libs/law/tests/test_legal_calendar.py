from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.errors import InconsistentTable, NoValueInForce
from kfi_law.legal_calendar import (
    HolidayRule,
    easter_sunday,
    holiday_rules,
    holidays,
    is_working_day,
    next_working_day,
    why_not_a_working_day,
)

SECOND_OPINION = (Path(__file__).parent / "nrw_holidays_1995_2060.txt").read_text(encoding="utf-8")
DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2200, 12, 31))


def second_opinion() -> dict[int, list[date]]:
    lines = [line.split() for line in SECOND_OPINION.splitlines() if not line.startswith("#")]
    return {
        int(year.rstrip(":")): [date.fromisoformat(f"{year.rstrip(':')}-{day}") for day in days]
        for year, *days in lines
    }


def test_every_holiday_from_1995_to_2060_agrees_with_an_independent_library() -> None:
    expected = second_opinion()
    assert len(expected) == 66
    assert {year: list(holidays(year)) for year in expected} == expected


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 3), "Karfreitag"),
        (date(2026, 4, 6), "Ostermontag"),
        (date(2026, 5, 14), "Christi Himmelfahrt"),
        (date(2026, 5, 25), "Pfingstmontag"),
        (date(2026, 6, 4), "Fronleichnam"),
        (date(2026, 11, 1), "Allerheiligen"),
        (date(2017, 10, 31), "500. Jahrestag der Reformation"),
    ],
)
def test_what_is_a_holiday_here(day: date, name: str) -> None:
    assert holidays(day.year)[day] == name
    assert not is_working_day(day)
    assert why_not_a_working_day(day) == name


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 6),  # Epiphany
        date(2016, 10, 31),  # Reformation Day of other years
        date(2018, 10, 31),
        date(2026, 12, 24),
        date(2026, 12, 31),
        date(2026, 11, 18),  # Day of Repentance
    ],
)
def test_what_is_a_working_day_here_though_a_holiday_elsewhere(day: date) -> None:
    assert is_working_day(day)
    assert why_not_a_working_day(day) is None


@given(DAYS)
def test_the_next_working_day_is_the_first_one_not_before_the_day(day: date) -> None:
    following = next_working_day(day)
    assert following >= day
    assert is_working_day(following)
    assert not any(is_working_day(day + timedelta(days=n)) for n in range((following - day).days))


@given(DAYS)
def test_a_weekend_is_never_worked(day: date) -> None:
    if day.isoweekday() in (6, 7):
        assert not is_working_day(day)
        assert why_not_a_working_day(day) is not None


@given(st.integers(min_value=1583, max_value=9999))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    assert easter_sunday(year).isoweekday() == 7
    assert date(year, 3, 22) <= easter_sunday(year) <= date(year, 4, 25)


@pytest.mark.parametrize("day", [date(1961, 4, 2), date(2000, 4, 23), date(2008, 3, 23), date(2038, 4, 25)])
def test_known_easter_sundays(day: date) -> None:
    assert easter_sunday(day.year) == day


def test_the_first_of_may_2008_is_one_day_off_with_two_names() -> None:
    assert len(holidays(2008)) == 10
    assert not is_working_day(date(2008, 5, 1))


def test_a_year_the_table_does_not_cover_is_refused() -> None:
    with pytest.raises(NoValueInForce, match="1995"):
        holidays(1994)


def test_every_holiday_names_its_paragraph() -> None:
    assert len(holiday_rules()) == 12
    assert all("§" in rule.paragraph for rule in holiday_rules())


def test_a_holiday_without_a_day_is_refused() -> None:
    with pytest.raises(InconsistentTable, match="Easter"):
        HolidayRule(key="k", name="n", valid_from=date(2026, 1, 1), paragraph="§ 1", source="s")
