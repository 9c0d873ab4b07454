"""Persons per quarter, from which flat rates can be computed (§ 17 TIntG): who is counted on which day, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.policy import HeadCountFor
from kfi_allocation.domain.presence.entries import PresenceEntry, present
from kfi_allocation.domain.presence.law import MONTHS_OF_A_QUARTER, head_counts


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year, from 1."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(frozen=True, slots=True)
class Counted:
    """The persons of a cohort who lived in a town on the day of a head count, how many of them count, and why."""

    day: date
    quarter: Quarter
    ags: str
    household_id: UUID
    cohort: int
    persons: int
    counted: int
    why: str


@dataclass(frozen=True)
class PersonQuarters:
    """The sum of each quarter and town, and the line of every cohort it was made of."""

    persons: Mapping[tuple[Quarter, str], int]
    trace: tuple[Counted, ...]


def person_quarters(
    entries: Iterable[PresenceEntry], first: date, last: date, head_count_for: HeadCountFor
) -> PersonQuarters:
    """The persons of every head count from the first day to the last.

    A person counts on every head count for two years from the entry, or from the birth (§ 17 (1) TIntG); so nobody
    counts more than eight times. Raises NoValueInForce for days before the law.
    """
    known = tuple(entries)
    origins = {entry.number: entry.change for entry in known if entry.change.cohort is None}
    trace = []
    for day in head_counts(first, last):
        for one in present(known, day):
            origin = origins[one.number]
            why = _why_not(day, origin.counts_from, origin.counts_before)
            persons = 0 if why else one.persons
            until = f"counts until {origin.counts_before}"
            quarter = quarter_of(day, head_count_for)
            trace.append(
                Counted(day, quarter, one.ags, origin.household_id, one.number, one.persons, persons, why or until)
            )
    return PersonQuarters(_sums(trace), tuple(trace))


def quarter_of(day: date, head_count_for: HeadCountFor) -> Quarter:
    """The quarter for which heads are counted on that day."""
    index = day.year * 4 + (day.month - 1) // MONTHS_OF_A_QUARTER
    year, number = divmod(index - (1 if head_count_for is HeadCountFor.ENDED else 0), 4)
    return Quarter(year, number + 1)


def _why_not(day: date, first: date | None, before: date | None) -> str:
    if first is None or before is None:
        return "born more than two years after the entry"
    if day < first:
        return f"counts from {first}"
    return "" if day < before else f"two years ended with {before}"


def _sums(trace: Iterable[Counted]) -> dict[tuple[Quarter, str], int]:
    sums: dict[tuple[Quarter, str], int] = {}
    for one in trace:
        sums[one.quarter, one.ags] = sums.get((one.quarter, one.ags), 0) + one.counted
    return dict(sorted(sums.items()))
