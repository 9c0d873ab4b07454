"""A list as a workbook (XLSX, ECMA-376): values only, formulas are refused, and nothing unpacks without a bound."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from kfi_allocation.domain.arrivals.mapping import ArrivalMapping
from kfi_allocation.domain.arrivals.mistakes import Fault, Mistake
from kfi_allocation.domain.arrivals.rows import FORMULA, NO_VALUE, Cell, FileNotReadable, Limits, Row, places_of

MOST_COLUMNS: Final = 300
MOST_MEMBERS: Final = 1000
_ENCRYPTED: Final = 0x1
_MAIN_PART: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, RuntimeError, ParseError, InvalidFileException, DefusedXmlException,
)  # fmt: skip
"""What the reader raises for a file that is damaged or made to do harm."""


def rows_of_workbook(file: BinaryIO, mapping: ArrivalMapping, *, limits: Limits) -> Iterator[Row]:
    """The rows below the headings of the sheet; empty ones are left out. Raises FileNotReadable where reading ends."""
    _must_be_bounded(file, limits)
    file.seek(0)
    try:
        yield from _rows(file, mapping, limits)
    except _BROKEN:
        raise FileNotReadable(Mistake(0, "", Fault.NOT_A_TABLE)) from None


def _rows(file: BinaryIO, mapping: ArrivalMapping, limits: Limits) -> Iterator[Row]:
    book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = _sheet(book, mapping)
        sheet.reset_dimensions()  # what a file says of its size is not believed
        at: tuple[int, ...] | None = None
        for line, cells in enumerate(sheet.iter_rows(min_row=1, max_col=MOST_COLUMNS), start=1):
            if line > limits.rows + mapping.heading_line:
                raise FileNotReadable(Mistake(line, "", Fault.TOO_MANY_ROWS))
            if line < mapping.heading_line:
                continue
            if at is None:
                fields = {heading: mapping.field_of(heading) for heading in mapping.headings}
                at = places_of(mapping.headings, [str(cell.value or "").strip() for cell in cells], line, fields)
                continue
            row = Row(line, tuple(_cell(cells[place]) if place < len(cells) else None for place in at))
            if any(cell not in (None, "") for cell in row.cells):
                yield row
    finally:
        book.close()


def _sheet(book: Any, mapping: ArrivalMapping) -> Any:
    if mapping.sheet is not None and mapping.sheet not in book.sheetnames:
        raise FileNotReadable(Mistake(0, "sheet", Fault.COLUMN_MISSING))
    return book[mapping.sheet] if mapping.sheet is not None else book.worksheets[0]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type in ("f", "e"):
        return FORMULA
    if isinstance(value, float) and not isfinite(value):
        return NO_VALUE
    if isinstance(value, datetime):
        return value.date() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, (bool, date, str)) or value is None:
        return value
    if isinstance(value, (int, float)):
        return Decimal(repr(value))
    return str(value)


def _must_be_bounded(file: BinaryIO, limits: Limits) -> None:
    """Raises FileNotReadable for what is no workbook, and before anything is unpacked for what would unpack to much."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as container:
            members = container.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or unpacked > limits.unpacked_bytes:
                raise FileNotReadable(Mistake(0, "", Fault.TOO_LARGE))
            whole = not any(member.flag_bits & _ENCRYPTED for member in members)
            with container.open("[Content_Types].xml") as kinds:
                whole = whole and _MAIN_PART in kinds.read(1_048_576)
    except _BROKEN:
        whole = False
    if not whole:
        raise FileNotReadable(Mistake(0, "", Fault.NOT_A_TABLE))
