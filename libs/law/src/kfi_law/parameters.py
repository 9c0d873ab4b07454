"""Dated parameters of the law: amounts, rates and limits that change, each with paragraph, source and status."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Self

from kfi_law.dated import DatedRow, DatedTable, Status
from kfi_law.errors import InconsistentTable

Value = Decimal | int | str


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRow):
    """One value of one parameter for the days it holds; a rate of 80 percent is Decimal("0.80")."""

    value: Value


class Parameters:
    """All parameters of one field of law, asked by key and day."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._table = DatedTable("The parameter table", parameters)

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, object]]) -> Self:
        """The parameters of records with the field names of `Parameter`, as TOML, JSON or CSV give them.

        Days may be dates or ISO text. A value that is text may name its `type`: `decimal`, `integer` or `text`
        (default). Raises InconsistentTable for a float, an unknown or missing field, or overlapping rows in force.
        """
        return cls(_parameter(record) for record in records)

    def value(self, key: str, on: date, *, for_payment: bool = False) -> Value:
        """The value on that day; with `for_payment`, one a payment or a decision may rest on.

        Raises NoValueInForce when no row covers the day and, with `for_payment`, OnlyExpected for an expected one.
        """
        return self.get(key, on, for_payment=for_payment).value

    def get(self, key: str, on: date, *, for_payment: bool = False) -> Parameter:
        """The whole row of `value`, for its paragraph, source and version; same errors."""
        return self._table.decisive(key, on) if for_payment else self._table.shown(key, on)

    def of_version(self, version: str) -> Parameter:
        """The row in force a trace names; raises NoValueInForce when there is none."""
        return self._table.of_version(version)

    def keys(self) -> frozenset[str]:
        """Every key that has at least one row."""
        return self._table.keys()


_FIELDS = frozenset(item.name for item in fields(Parameter)) | {"type"}
_TYPES: Mapping[str, Callable[[str], Value]] = {"decimal": Decimal, "integer": int, "text": str}
_OPTIONAL = frozenset({"valid_to", "type", "status"})


def _parameter(record: Mapping[str, object]) -> Parameter:
    name = record.get("key", "without a key")
    if set(record) - _FIELDS or (_FIELDS - _OPTIONAL) - set(record):
        wrong = sorted((set(record) - _FIELDS) | ((_FIELDS - _OPTIONAL) - set(record)))
        raise InconsistentTable(f"The parameter {name} has missing or unknown fields: {', '.join(wrong)}.")
    try:
        return _read(record)
    except (ValueError, InvalidOperation) as error:
        raise InconsistentTable(f"The parameter {name} cannot be read: {error}") from error


def _read(record: Mapping[str, object]) -> Parameter:
    return Parameter(
        key=str(record["key"]),
        value=_value(record["value"], record.get("type", "text")),
        valid_from=_day(record["valid_from"]),
        valid_to=_day(record["valid_to"]) if record.get("valid_to") else None,
        paragraph=str(record["paragraph"]),
        source=str(record["source"]),
        status=Status(str(record.get("status") or Status.IN_FORCE)),
    )


def _value(raw: object, kind: object) -> Value:
    if kind not in _TYPES:
        raise InconsistentTable("the type of a value is decimal, integer or text.")
    if isinstance(raw, bool) or not isinstance(raw, Decimal | int | str):
        raise InconsistentTable(f"a value is a Decimal, an integer or text, not {type(raw).__name__}.")
    value = _TYPES[str(kind)](raw) if isinstance(raw, str) else raw
    if isinstance(value, Decimal) and not value.is_finite():
        raise InconsistentTable("a value is a finite number.")
    return value


def _day(raw: object) -> date:
    return date.fromisoformat(str(raw))
