"""How many persons a town can take: each statement a version of its own, the last one that covers a day holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.errors import DateNotPossible


@dataclass(frozen=True, slots=True)
class Capacity:
    """So many persons from a day on, until a last day if it has one; `number` counts the town's statements."""

    id: UUID
    ags: str
    number: int
    persons: int
    valid_from: date
    valid_until: date | None
    stated_on: date
    stated_by: str
    version: int = 1

    def __post_init__(self) -> None:
        days_must_follow(self.valid_from, self.valid_until, "valid_until")

    def covers(self, day: date) -> bool:
        """Whether it says something about the day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def capacity_on(stated: Iterable[Capacity], day: date) -> Capacity | None:
    """The last statement that covers the day."""
    return max((one for one in stated if one.covers(day)), key=lambda one: one.number, default=None)


def days_must_follow(first: date, last: date | None, field: str) -> None:
    """Raises DateNotPossible when it would end before it begins."""
    if last is not None and last < first:
        raise DateNotPossible("It would end before it begins.", fix="Correct the days.", field=field)
