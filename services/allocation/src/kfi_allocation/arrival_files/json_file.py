"""A list as JSON: a list of objects, or an object that holds one; a household may hold its persons."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final, NoReturn

from kfi_allocation.domain.arrivals.mapping import OF_PERSONS, ArrivalMapping
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.rows import NO_VALUE, Cell, FileNotReadable, Limits, Row

_MOST_DIGITS: Final = 40


class _NotOurs(ValueError):
    """JSON that readers do not agree about."""


def rows_of_json(file: BinaryIO, mapping: ArrivalMapping, *, limits: Limits) -> Iterator[Row]:
    """One row per object, or per person where the mapping says that objects hold them; ``line`` counts the objects.

    Raises FileNotReadable: JSON that is cut off says nothing, not even of its beginning.
    """
    records = _records(_document(file), mapping)
    rows = 0
    for line, record in enumerate(records, start=1):
        for each in _persons(line, record, mapping):
            rows += 1
            if rows > limits.rows:
                raise FileNotReadable(Mistake(line, "", Fault.TOO_MANY_ROWS))
            yield each


def _document(file: BinaryIO) -> object:
    file.seek(0)
    content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileNotReadable(Mistake(line, "", Fault.NOT_DECODABLE)) from None
    try:
        return json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_refuse, object_pairs_hook=_each_once
        )
    except json.JSONDecodeError as error:
        fault = Fault.CUT_OFF if not text[error.pos :].strip() or "Unterminated" in error.msg else Fault.NOT_A_TABLE
        raise FileNotReadable(Mistake(error.lineno, "", fault)) from None
    except (ValueError, RecursionError):
        raise FileNotReadable(Mistake(0, "", Fault.NOT_A_TABLE)) from None


def _records(document: object, mapping: ArrivalMapping) -> list[Any]:
    found = document.get(mapping.records or "") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise FileNotReadable(Mistake(0, "", Fault.NOT_A_TABLE))
    return found


def _persons(line: int, record: object, mapping: ArrivalMapping) -> Iterator[Row]:
    if not isinstance(record, dict):
        yield Row(line, (None,) * len(mapping.headings), fits=False)
        return
    members = record.get(mapping.members) if mapping.members is not None else None
    if mapping.members is None:
        yield _row(line, record, mapping)
    elif not isinstance(members, list) or not members or not all(isinstance(each, dict) for each in members):
        yield Row(line, _row(line, record, mapping).cells, fits=False)
    else:
        personal = {heading for name in OF_PERSONS for heading in mapping.columns.get(name, ())}
        shared = {name: value for name, value in record.items() if name not in personal}
        for each in members:
            yield _row(line, {**shared, **each}, mapping)


def _row(line: int, record: dict[str, Any], mapping: ArrivalMapping) -> Row:
    return Row(line, tuple(_cell(record.get(heading), mapping) for heading in mapping.headings))


def _cell(value: Any, mapping: ArrivalMapping) -> Cell:
    if value is None or isinstance(value, (str, bool, Decimal)):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return mapping.list_separator.join(value)
    return NO_VALUE


def _number(written: str) -> Decimal | str:
    """A number, as long as it can be written out; 1e999999 stays the text that stood there, and is no number."""
    try:
        number = Decimal(written)
    except InvalidOperation:
        return written
    fits = len(written) <= _MOST_DIGITS and abs(number.adjusted()) <= _MOST_DIGITS
    return number if fits else written


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotOurs("a name comes twice")
    return found


def _refuse(_: str) -> NoReturn:
    raise _NotOurs("no number")
