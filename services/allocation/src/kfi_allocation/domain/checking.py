"""Checks the fields of a document and collects what is wrong, each problem with its place."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

Fields = dict[str, Any]
MOST_WEIGHT = 100_000
WEIGHT_DECIMALS = 4
FIGURE_DECIMALS = 8
NONE: frozenset[str] = frozenset()


class DocumentNotReadable(Exception):
    """The document is not what it should be; each entry of `problems` names a place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class Checker:
    """Reads fields; a wrong one is put on `problems` and answered with a harmless value."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._seen: dict[tuple[str, ...], frozenset[str]] = {}

    def say(self, at: str, what: str) -> None:
        """Note a problem at a place."""
        self.problems.append(f"{at}: {what}")

    def rows(self, document: Fields, name: str, at: str = "") -> Iterator[tuple[str, Fields]]:
        """The objects of a list with their places, counted from 0."""
        value, list_at = document.get(name), f"{at}.{name}" if at else name
        if not isinstance(value, list):
            self.say(list_at, "must be a list")
            return
        for number, row in enumerate(value):
            row_at = f"{list_at}[{number}]"
            if isinstance(row, dict):
                yield row_at, row
            else:
                self.say(row_at, "must be an object")

    def text(self, fields: Fields, name: str, at: str) -> str:
        """A text that is not empty."""
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        self.say(f"{at}.{name}", "must be a text that is not empty")
        return ""

    def whole(self, fields: Fields, name: str, at: str, least: int, most: int) -> int:
        """A whole number from least to most."""
        value = fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.say(f"{at}.{name}", f"must be a whole number from {least} to {most}")
        return least

    def hundredths(self, fields: Fields, name: str, at: str, most: int) -> Decimal:
        """A number from 0 to most with two decimals."""
        return self._decimal(fields, name, at, most, 2)

    def weight(self, fields: Fields, name: str, at: str) -> Decimal:
        """A weight of the policy: from 0, with four decimals."""
        return self._decimal(fields, name, at, MOST_WEIGHT, WEIGHT_DECIMALS)

    def figure(self, fields: Fields, name: str, at: str, most: int) -> Decimal:
        """A number from 0 to most with eight decimals, which may come as text."""
        value = fields.get(name)
        if isinstance(value, str):
            try:
                fields = {name: Decimal(value)}
            except ArithmeticError:
                fields = {}
        return self._decimal(fields, name, at, most, FIGURE_DECIMALS)

    def flag(self, fields: Fields, name: str, at: str) -> bool:
        """True or false."""
        value = fields.get(name)
        if isinstance(value, bool):
            return value
        self.say(f"{at}.{name}", "must be true or false")
        return False

    def day(self, fields: Fields, name: str, at: str) -> date:
        """A day of the calendar, as YYYY-MM-DD."""
        value = fields.get(name)
        try:
            return date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-01-31") else "")
        except ValueError:
            self.say(f"{at}.{name}", "must be a day of the calendar as YYYY-MM-DD")
            return date.min

    def words(self, fields: Fields, name: str, at: str) -> frozenset[str]:
        """A list of words, as a set; missing means none."""
        value = fields.get(name, ())
        if not value and isinstance(value, (list, tuple)):
            return NONE
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return self._seen.setdefault(tuple(value), frozenset(value))
        self.say(f"{at}.{name}", "must be a list of words")
        return NONE

    def unique(self, name: str, field: str, values: list[str]) -> None:
        """No value comes twice."""
        seen: set[str] = set()
        for number, value in enumerate(values):
            if value in seen and value:
                self.say(f"{name}[{number}].{field}", f"{value} comes twice")
            seen.add(value)

    def _decimal(self, fields: Fields, name: str, at: str, most: int, decimals: int) -> Decimal:
        value = fields.get(name)
        if isinstance(value, float):
            value = Decimal(repr(value))  # the shortest decimal that is this float, as it was written
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            number = Decimal(value)
            if number.is_finite() and 0 <= number <= most and number == round(number, decimals):
                return number
        self.say(f"{at}.{name}", f"must be a number from 0 to {most} with at most {decimals} decimals")
        return Decimal(0)
