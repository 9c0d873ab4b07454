"""The business date of all services: one file, moved forward in the demo (ADR 10)."""

from datetime import date
from pathlib import Path

FIRST_DAY = date(2026, 11, 23)
"""A Monday on which the demo's call is open, whatever day it really is."""


class MovedCalendar:
    """Writes the file each service reads at each question; a date never goes back."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def begin(self) -> None:
        """Sets the first day, unless an earlier run has moved on already."""
        if not self._file.exists():
            self._write(FIRST_DAY)

    def today(self) -> date:
        """The business date of all services."""
        return date.fromisoformat(self._file.read_text("utf-8").strip())

    def move_to(self, day: date) -> None:
        """Moves the business date forward; a day that has passed changes nothing."""
        if day > self.today():
            self._write(day)

    def _write(self, day: date) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{day.isoformat()}\n", "utf-8")
        draft.replace(self._file)
