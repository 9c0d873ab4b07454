"""School age as §§ 35, 37, 38 SchulG NRW draw it."""

from datetime import date

import pytest

from kfi_allocation.domain.school_age import age, is_grown_up, must_go_to_school


@pytest.mark.parametrize(
    ("born_on", "first_day"),
    [
        (date(2020, 9, 30), date(2026, 8, 1)),
        (date(2020, 10, 1), date(2027, 8, 1)),
        (date(2020, 1, 1), date(2026, 8, 1)),
    ],
)
def test_school_begins_in_the_summer_of_the_year_in_which_six_is_completed_in_time(
    born_on: date, first_day: date
) -> None:
    assert must_go_to_school(born_on, first_day)
    assert not must_go_to_school(born_on, first_day.replace(month=7, day=31))


@pytest.mark.parametrize(
    ("born_on", "last_day"), [(date(2008, 7, 31), date(2026, 7, 31)), (date(2008, 8, 1), date(2027, 7, 31))]
)
def test_school_ends_with_the_school_year_in_which_eighteen_is_completed(born_on: date, last_day: date) -> None:
    assert must_go_to_school(born_on, last_day)
    assert not must_go_to_school(born_on, last_day.replace(month=8, day=1))


def test_years_are_completed_on_the_birthday() -> None:
    assert age(date(2008, 11, 23), date(2026, 11, 23)) == 18
    assert not is_grown_up(date(2008, 11, 24), date(2026, 11, 23))
    assert not is_grown_up(date(2008, 2, 29), date(2026, 2, 28))
    assert is_grown_up(date(2008, 2, 29), date(2026, 3, 1))
