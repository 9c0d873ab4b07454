"""A row of a list as its file holds it, before anybody says what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake


class Unusable(Enum):
    """What stands in a cell that has no value of its own."""

    FORMULA = "formula"
    NO_VALUE = "no-value"
    """An object or a list of such in JSON, or a number without an end."""


FORMULA: Final = Unusable.FORMULA
NO_VALUE: Final = Unusable.NO_VALUE

Cell = str | date | Decimal | bool | Unusable | None
"""What a file says in a cell: text, or what a spreadsheet or JSON knows to be a day, a number, a yes or no."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file from 1, and its cells in the order of the mapping's headings.

    ``fits`` is False where the row has more or fewer cells than there are headings, so that none can be relied on.
    """

    line: int
    cells: tuple[Cell, ...]
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken of one file: rows, and bytes once it is unpacked."""

    rows: int
    unpacked_bytes: int


class FileNotReadable(Exception):
    """The file, or what is left of it, cannot be read; ``mistakes`` say where and why."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(", ".join(mistake.fault for mistake in mistakes))
        self.mistakes = mistakes


def places_of(wanted: tuple[str, ...], found: list[str], line: int, fields: Mapping[str, str]) -> tuple[int, ...]:
    """In which cells the wanted headings stand. Raises FileNotReadable with each that is missing or there twice."""
    wrong = [
        Mistake(line, fields[heading], Fault.COLUMN_MISSING if heading not in found else Fault.COLUMN_TWICE)
        for heading in wanted
        if found.count(heading) != 1
    ]
    if wrong:
        raise FileNotReadable(*wrong)
    return tuple(found.index(heading) for heading in wanted)
