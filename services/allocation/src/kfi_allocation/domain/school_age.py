"""Which children have to go to school, as the outlook for towns counts them (SchulG NRW)."""

from datetime import date
from typing import Final

_BEGINS_AT: Final = 6
_ENDS_AT: Final = 18


def must_go_to_school(born_on: date, on: date) -> bool:
    """Whether a child of that birthday is of school age (§§ 35 (1), 37, 38 (3) SchulG NRW).

    School begins on 1 August of the year in which six years are completed by the beginning of 30 September. It ends
    with the school year, on 31 July, in which eighteen years are completed.
    """
    return _first_day(born_on) <= on <= _last_day(born_on)


def is_grown_up(born_on: date, on: date) -> bool:
    """Whether eighteen years are completed on that day (§ 2, § 187 (2) BGB)."""
    return age(born_on, on) >= _ENDS_AT


def age(born_on: date, on: date) -> int:
    """Completed years; who was born on 29 February completes one on 1 March of other years (§ 188 (2) BGB)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _first_day(born_on: date) -> date:
    after_the_cut = (born_on.month, born_on.day) > (9, 30)
    return date(born_on.year + _BEGINS_AT + after_the_cut, 8, 1)


def _last_day(born_on: date) -> date:
    after_summer = (born_on.month, born_on.day) > (7, 31)
    return date(born_on.year + _ENDS_AT + after_summer, 7, 31)
