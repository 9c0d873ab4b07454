"""What the cells of one household mean. A wrong one is noted with its line and answered with a harmless value."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kfi_allocation.domain.arrivals.mapping import ArrivalMapping
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.places import NotOnePlace, Places
from kfi_allocation.domain.arrivals.rows import FORMULA, Cell

LONGEST_TEXT: Final = 200
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
"""What may be kept in the open: a reference, a charter. A space would let a name in."""
WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_NUMBER: Final = re.compile(r"[0-9]{1,4}")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@dataclass(slots=True)
class Values:
    """Reads cells by a mapping; ``mistakes`` collects what is wrong."""

    mapping: ArrivalMapping
    places: Places
    mistakes: list[Mistake] = field(default_factory=list)

    def say(self, line: int, name: str, fault: Fault, suggestions: tuple[str, ...] = ()) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(line, name, fault, suggestions))

    def text(self, line: int, name: str, cell: Cell, *, longest: int = LONGEST_TEXT) -> str:
        """A text on one line; empty when there is none."""
        written = written_in(cell)
        if written is None:
            self.say(line, name, unusable(cell))
        elif len(written) > longest:
            self.say(line, name, Fault.TOO_LONG)
        elif not written.isprintable() and any(unicodedata.category(each) in _UNSEEN for each in written):
            self.say(line, name, Fault.NOT_READABLE)
        else:
            return written
        return ""

    def code(self, line: int, name: str, cell: Cell) -> str:
        """A code without spaces; empty when there is none."""
        written = self.text(line, name, cell)
        if written and CODE.fullmatch(written) is None:
            self.say(line, name, Fault.NOT_READABLE)
            return ""
        return written

    def meant(self, line: int, name: str, cell: Cell) -> str:
        """What a value stands for by its field's table, which has to name it; empty for an empty cell it leaves out.

        Where the mapping has no table for the field, the list uses the codes themselves.
        """
        written = self.text(line, name, cell)
        if name not in self.mapping.values:
            return written
        meaning = self.mapping.meaning(name, written)
        if meaning is None and written:
            self.say(line, name, Fault.NOT_IN_TABLE)
        return meaning or ""

    def flag(self, line: int, name: str, cell: Cell) -> bool:
        """Yes or no; an empty cell is no."""
        return cell if isinstance(cell, bool) else self.meant(line, name, cell) == "true"

    def count(self, line: int, name: str, cell: Cell) -> int | None:
        """A whole number that is not negative; None when there is none."""
        if isinstance(cell, Decimal) and cell.is_finite() and cell == cell.to_integral_value() and 0 <= cell <= 9999:
            return int(cell)
        written = "?" if isinstance(cell, (bool, date)) else self.text(line, name, cell)
        if not written:
            return None
        if _NUMBER.fullmatch(written) is None:
            self.say(line, name, Fault.NOT_A_NUMBER)
            return None
        return int(written)

    def day(self, line: int, name: str, cell: Cell, *, earliest: date, latest: date) -> date | None:
        """A day of the calendar between two days; None when there is none."""
        found = cell if isinstance(cell, date) else None
        if found is None:
            written = "?" if isinstance(cell, (bool, Decimal)) else self.text(line, name, cell)
            if not written:
                return None
            found = _day(written, self.mapping.dates)
        if found is None:
            self.say(line, name, Fault.NOT_A_DAY)
        elif not earliest <= found <= latest:
            self.say(line, name, Fault.DAY_NOT_POSSIBLE)
            return None
        return found

    def place(self, line: int, name: str, cell: Cell) -> str | None:
        """The AGS of a town; None when there is none."""
        return self._town(line, name, self.text(line, name, cell))

    def towns(self, line: int, name: str, cells: tuple[Cell, ...]) -> tuple[str, ...]:
        """The AGS of several towns, each once, in their order."""
        found = (self._town(line, name, written) for written in self._each(line, name, cells))
        return tuple(dict.fromkeys(ags for ags in found if ags))

    def words(self, line: int, name: str, cells: tuple[Cell, ...], form: re.Pattern[str]) -> tuple[str, ...]:
        """Words by the field's table; one that has the form of a word already needs no entry there."""
        found: dict[str, None] = {}
        for written in self._each(line, name, cells):
            word = self.mapping.meaning(name, written) or written
            if form.fullmatch(word) is None:
                self.say(line, name, Fault.NOT_IN_TABLE)
            else:
                found[word] = None
        return tuple(found)

    def _each(self, line: int, name: str, cells: tuple[Cell, ...]) -> Iterator[str]:
        for cell in cells:
            for part in self.text(line, name, cell).split(self.mapping.list_separator):
                if part.strip():
                    yield part.strip()

    def _town(self, line: int, name: str, written: str) -> str | None:
        if not written:
            return None
        try:
            return self.places.named(written)
        except NotOnePlace as doubt:
            fault = Fault.PLACE_AMBIGUOUS if doubt.ambiguous else Fault.PLACE_UNKNOWN
            self.say(line, name, fault, doubt.suggestions)
            return None


def written_in(cell: Cell) -> str | None:
    """A cell as text in one spelling, empty when nothing stands there; None for one without a value of its own."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return f"{cell:f}" if cell != cell.to_integral_value() else str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else None


def unusable(cell: Cell) -> Fault:
    """What to say of a cell without a value of its own."""
    return Fault.FORMULA if cell is FORMULA else Fault.NOT_READABLE


@lru_cache(maxsize=65_536)
def _day(written: str, formats: tuple[str, ...]) -> date | None:
    for each in formats:
        try:
            return datetime.strptime(written, each).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
