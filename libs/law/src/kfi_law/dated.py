"""Dated tables: rows of law with the days they hold, their paragraph, their source and whether they are in force."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Generic, TypeVar

from kfi_law.errors import InconsistentTable, NoValueInForce, OnlyExpected


class Status(StrEnum):
    """Whether a row is law: an expected row may be shown, never paid or decided on."""

    IN_FORCE = "in_force"
    EXPECTED = "expected"


@dataclass(frozen=True, kw_only=True)
class DatedRow:
    """One row of a dated table; `valid_to` is the last day it holds, None while it has no end.

    `valid_from` is the first day the row vouches for: the day it came into force, or a later one where the law of
    the time before was not read. Raises InconsistentTable for an end before the start or an empty text.
    """

    key: str
    valid_from: date
    valid_to: date | None = None
    paragraph: str
    source: str
    status: Status = Status.IN_FORCE

    def __post_init__(self) -> None:
        if self.status not in tuple(Status):
            raise InconsistentTable(f"{self.version} has the status {self.status}; it is in_force or expected.")
        object.__setattr__(self, "status", Status(self.status))
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InconsistentTable(f"{self.version} ends before it starts; correct valid_from or valid_to.")
        if not (self.key and self.paragraph and self.source):
            raise InconsistentTable(f"{self.version} needs a key, a paragraph and a source.")

    @property
    def version(self) -> str:
        """The name of this row in a trace: its key and the first day it holds."""
        return f"{self.key}@{self.valid_from.isoformat()}"

    def covers(self, on: date) -> bool:
        """Whether the row holds on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


R = TypeVar("R", bound=DatedRow)


class DatedTable(Generic[R]):
    """All rows of one kind, asked by key and day; the table refuses to exist with two rows of a status on one day."""

    def __init__(self, name: str, rows: Iterable[R]) -> None:
        self.name = name
        self._by_key: Mapping[str, list[R]] = _grouped(rows)
        for of_key in self._by_key.values():
            _refuse_overlaps(name, of_key)

    def keys(self) -> frozenset[str]:
        """Every key that has at least one row."""
        return frozenset(self._by_key)

    def rows(self, key: str) -> tuple[R, ...]:
        """The rows of a key, oldest first; none for an unknown key."""
        return tuple(self._by_key.get(key, ()))

    def shown(self, key: str, on: date) -> R:
        """The row to show for that day, an expected one before the one it is expected to replace.

        Raises NoValueInForce when no row covers the day. Whoever decides or pays asks `decisive`.
        """
        covering = [row for row in self.rows(key) if row.covers(on)]
        if not covering:
            raise NoValueInForce(f"{self.name} has no row for {key} on {on}; add the dated row with its paragraph.")
        return max(covering, key=lambda row: row.status is Status.EXPECTED)

    def decisive(self, key: str, on: date) -> R:
        """The row a decision or a payment may rest on.

        Raises NoValueInForce when no row covers the day, OnlyExpected when one is expected for it, even beside an older
        row without an end: then a person has to say first which of the two is law.
        """
        row = self.shown(key, on)
        if row.status is Status.EXPECTED:
            raise OnlyExpected(f"{self.name}: {row.version} is only expected; confirm it as in force before deciding.")
        return row

    def newest(self, key: str) -> R:
        """The row in force that has no end; raises NoValueInForce when there is none."""
        for row in self.rows(key):
            if row.valid_to is None and row.status is Status.IN_FORCE:
                return row
        raise NoValueInForce(f"{self.name} has no row for {key} without an end; add the dated row.")

    def of_version(self, version: str) -> R:
        """The row in force named in a trace; raises NoValueInForce when the table does not know it (any more)."""
        key = version.rpartition("@")[0]
        for row in self.rows(key):
            if row.version == version and row.status is Status.IN_FORCE:
                return row
        raise NoValueInForce(f"{self.name} has no row {version} in force; was the trace made with other tables?")


def _grouped(rows: Iterable[R]) -> Mapping[str, list[R]]:
    by_key: defaultdict[str, list[R]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.valid_from):
        by_key[row.key].append(row)
    return dict(by_key)


def _refuse_overlaps(name: str, rows: list[R]) -> None:
    for status in Status:
        for earlier, later in pairwise(row for row in rows if row.status is status):
            if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
                raise InconsistentTable(f"{name}: {earlier.version} and {later.version} overlap; end the earlier one.")
