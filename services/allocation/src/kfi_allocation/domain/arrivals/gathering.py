"""From rows to households: each comes whole or not at all, and what is wrong with one holds up no other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from kfi_allocation.domain.arrivals.describing import Described, Describer
from kfi_allocation.domain.arrivals.mapping import ArrivalMapping, Column, Rows
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.places import Places
from kfi_allocation.domain.arrivals.rows import FileNotReadable, Row
from kfi_allocation.domain.arrivals.values import CODE, unusable, written_in
from kfi_allocation.domain.groups import Group

INCOMPLETE: Final = frozenset({Fault.CUT_OFF, Fault.TOTALS_DISAGREE, Fault.TOO_MANY_ROWS})
"""Mistakes that say that the list is not the whole list."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the whole list when it is uploaded: values for rows without their own, and control totals."""

    group: Group | None = None
    arrival_on: date | None = None
    charter: str | None = None
    households: int | None = None
    persons: int | None = None


@dataclass(slots=True)
class Gathered:
    """The rows of a list by household, and what can be said of the list before any household is read.

    ``unnamed`` counts rows of which nobody surely knows whose they are; in a list without the number of persons they
    can belong to the households beside them, which are ``doubtful``.
    """

    mapping: ArrivalMapping
    rows_of: dict[str, list[Row]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    rows: int = 0
    unnamed: int = 0
    doubtful: set[str] = field(default_factory=set)
    _last: str | None = None
    _after_unnamed: bool = False

    @property
    def whole(self) -> bool:
        """Whether the list is surely the whole list: a household that is not on it is not announced any more."""
        return self.unnamed == 0 and not any(mistake.fault in INCOMPLETE for mistake in self.mistakes)

    def put(self, row: Row, at: int) -> None:
        """Lay a row to its household, whose reference stands in this cell."""
        self.rows += 1
        reference = written_in(row.cells[at])
        named = bool(reference) and CODE.fullmatch(reference or "") is not None
        if not named or not row.fits:
            self.unnamed += 1
        if reference and named:
            self._name(reference, row)
            return
        self._doubt(self._last)
        self._after_unnamed = True
        fault = unusable(row.cells[at]) if reference is None else Fault.NOT_READABLE if reference else Fault.MISSING
        self.mistakes.append(Mistake(row.line, Column.REFERENCE, fault))

    def _name(self, reference: str, row: Row) -> None:
        self.rows_of.setdefault(reference, []).append(row)
        if self._after_unnamed:
            self._doubt(reference)
        self._last, self._after_unnamed = reference, False

    def _doubt(self, reference: str | None) -> None:
        if reference is not None and self.mapping.rows is Rows.PERSON and not self.mapping.has(Column.PERSONS):
            self.doubtful.add(reference)


def gathered(rows: Iterable[Row], mapping: ArrivalMapping) -> Gathered:
    """Read all rows, up to where the file cannot be read any more."""
    found = Gathered(mapping)
    at = mapping.headings.index(mapping.columns[Column.REFERENCE][0])
    try:
        for row in rows:
            found.put(row, at)
    except FileNotReadable as broken:
        found.mistakes.extend(broken.mistakes)
    if not found.rows and not found.mistakes:
        found.mistakes.append(Mistake(0, "", Fault.NO_ROWS))
    return found


def described(found: Gathered, said: Said, places: Places, today: date) -> Iterator[Described]:
    """Each household of the list in the order in which it begins, whole or with its mistakes; rows are let go."""
    describer = Describer(found.mapping, places, today, said.group, said.arrival_on, said.charter)
    for reference in list(found.rows_of):
        rows = found.rows_of.pop(reference)
        yield describer.describe(reference, rows, doubtful=reference in found.doubtful)


def totals_disagree(said: Said, households: int, persons: int) -> list[Mistake]:
    """A mistake for each control total that is another than what the list has."""
    wrong = []
    if said.households not in (None, households):
        wrong.append(Mistake(0, "households", Fault.TOTALS_DISAGREE))
    if said.persons not in (None, persons):
        wrong.append(Mistake(0, "persons", Fault.TOTALS_DISAGREE))
    return wrong
