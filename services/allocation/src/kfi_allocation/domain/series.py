"""Further series of figures of the municipalities, read whole or not at all; every problem names its line."""

import csv
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from kfi_allocation.domain.account.document import MOST_FIGURE
from kfi_allocation.domain.account.policy import Series
from kfi_allocation.domain.checking import FIGURE_DECIMALS, DocumentNotReadable

COLUMNS: Final = ("ags", "figure")
POPULATION: Final = "population"
_FIRST_LINE_OF_FIGURES: Final = 2


@dataclass(frozen=True, slots=True)
class DatedSeries:
    """A series that accounts are kept by from `holds_from` on; of several, the one that holds from the latest day."""

    id: UUID
    series: Series
    basis: str
    holds_from: date


def figures_of(text: str, municipalities: Set[str]) -> dict[str, Decimal]:
    """The figures of a CSV file with the columns ags and figure, one line for each municipality of the register.

    Raises DocumentNotReadable with every problem: a reform shows as municipalities that are unknown or missing.
    """
    rows = list(csv.reader(text.splitlines()))
    if not rows or tuple(cell.strip() for cell in rows[0]) != COLUMNS:
        raise DocumentNotReadable([f"file.1: must be the head {','.join(COLUMNS)}"])
    problems: list[str] = []
    found: dict[str, Decimal] = {}
    for line, row in enumerate(rows[1:], start=_FIRST_LINE_OF_FIGURES):
        if any(cell.strip() for cell in row):
            _read(line, row, municipalities, found, problems)
    problems += [f"file.{ags}: the register has this municipality, the file has not" for ags in
                 sorted(municipalities - found.keys())]  # fmt: skip
    if not problems and not sum(found.values()):
        problems = ["file.figure: the figures sum to nothing, so nobody would have a share"]
    if problems:
        raise DocumentNotReadable(problems)
    return dict(sorted(found.items()))


def _read(line: int, row: list[str], municipalities: Set[str], found: dict[str, Decimal], problems: list[str]) -> None:
    if len(row) != len(COLUMNS):
        problems.append(f"file.{line}: must have {len(COLUMNS)} columns")
        return
    ags, text = (cell.strip() for cell in row)
    if ags not in municipalities:
        problems.append(f"file.{line}.ags: no municipality of the register has this key; a key has eight digits")
    elif ags in found:
        problems.append(f"file.{line}.ags: the municipality comes twice")
    else:
        found[ags] = _figure(line, text, problems)


def _figure(line: int, text: str, problems: list[str]) -> Decimal:
    try:
        figure = Decimal(text)
    except InvalidOperation:
        figure = Decimal("NaN")
    if figure.is_finite() and 0 <= figure <= MOST_FIGURE and figure == round(figure, FIGURE_DECIMALS):
        return figure
    problems.append(f"file.{line}.figure: must be a number from 0 to {MOST_FIGURE} with a point, such as 1234.5")
    return Decimal(0)
