"""§ 17 TIntG as dated data: on which days heads are counted, and for how long a person counts."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from kfi_law.errors import NoValueInForce

MONTHS_OF_A_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class FlatRateLaw:
    """What holds for head counts from a day on; `days`: month and day of each head count of a year, in order."""

    valid_from: date
    days: tuple[tuple[int, int], ...]
    months: int
    paragraph: str


ROWS: Final = (
    FlatRateLaw(
        date(2022, 1, 1), ((1, 15), (4, 15), (7, 15), (10, 15)), 24,
        "§ 17 TIntG; § 2 Integrationspauschalen-Verordnung vom 5. Januar 2022",
    ),
)  # fmt: skip


def law_on(day: date) -> FlatRateLaw:
    """The law of a day. Raises NoValueInForce before the first."""
    found = [row for row in ROWS if row.valid_from <= day]
    if not found:
        raise NoValueInForce(f"§ 17 TIntG holds from {ROWS[0].valid_from}; it says nothing about {day}.")
    return found[-1]


def head_counts(first: date, last: date) -> tuple[date, ...]:
    """The days of head counts from the first day to the last. Raises NoValueInForce."""
    years = range(first.year, last.year + 1)
    days = (date(year, month, day) for year in years for month, day in law_on(date(year, 12, 31)).days)
    return tuple(day for day in days if first <= day <= last)


def next_head_count(day: date) -> date:
    """The first head count on the day or after it."""
    return head_counts(day, day.replace(year=day.year + 1, day=1))[0]
