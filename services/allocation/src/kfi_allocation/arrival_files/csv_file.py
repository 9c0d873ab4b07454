"""A list as CSV (RFC 4180 with the separator that was said). Encoding and separator are never guessed."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from kfi_allocation.domain.arrivals.mapping import ArrivalMapping, Encoding, Separator
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.rows import FileNotReadable, Limits, Row, places_of

_PART_BYTES: Final = 1_048_576


def rows_of_csv(
    file: BinaryIO, mapping: ArrivalMapping, *, encoding: Encoding, separator: Separator, limits: Limits
) -> Iterator[Row]:
    """The rows below the headings; empty ones are left out. Raises FileNotReadable where reading ends."""
    _must_be_encoded(file, encoding)
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8-sig" if encoding is Encoding.UTF_8 else encoding, newline="")
    try:
        yield from _rows(text, mapping, separator, limits)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, mapping: ArrivalMapping, separator: Separator, limits: Limits) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=separator, strict=True)
    at: tuple[int, ...] | None = None
    width, begins = 0, 1
    for cells in _guarded(reader):
        line, begins = begins, reader.line_num + 1
        if at is None:
            if line < mapping.heading_line:
                continue
            headings = [cell.strip() for cell in cells]
            at, width = places_of(mapping.headings, headings, line, _fields(mapping)), len(headings)
            continue
        if any(cell.strip() for cell in cells):
            if line > limits.rows + mapping.heading_line:
                raise FileNotReadable(Mistake(line, "", Fault.TOO_MANY_ROWS))
            yield _row(line, cells, at, width)


def _guarded(reader: Any) -> Iterator[list[str]]:
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            fault = Fault.CUT_OFF if "unexpected end" in str(error) else Fault.NOT_A_TABLE
            raise FileNotReadable(Mistake(begins, "", fault)) from None
        if cells is None:
            return
        yield cells


def _row(line: int, cells: list[str], at: tuple[int, ...], width: int) -> Row:
    fits = len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:]))
    return Row(line, tuple(cells[place] if place < len(cells) else None for place in at), fits)


def _fields(mapping: ArrivalMapping) -> dict[str, str]:
    return {heading: mapping.field_of(heading) for heading in mapping.headings}


def _must_be_encoded(file: BinaryIO, encoding: Encoding) -> None:
    """Raises FileNotReadable, with the line, when the bytes are not what was said.

    Text in UTF-8 can always be read as cp1252, as other letters; so what is said to be cp1252 must not be UTF-8.
    """
    file.seek(0)
    as_utf_8 = _line_that_is_not(file, "utf-8-sig")
    if encoding is Encoding.UTF_8:
        if as_utf_8 is not None:
            raise FileNotReadable(Mistake(as_utf_8, "", Fault.NOT_DECODABLE))
        return
    file.seek(0)
    plain = _line_that_is_not(file, "ascii")
    file.seek(0)
    wrong = _line_that_is_not(file, encoding)
    if wrong is None and plain is not None and as_utf_8 is None:
        wrong = plain
    if wrong is not None:
        raise FileNotReadable(Mistake(wrong, "", Fault.NOT_DECODABLE))


def _line_that_is_not(file: BinaryIO, encoding: str) -> int | None:
    """The first line that cannot be read in the encoding; None when all can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        part = file.read(_PART_BYTES)
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            return line + bytes(error.object[: error.start]).count(b"\n")
        if not part:
            return None
        line += part.count(b"\n")
