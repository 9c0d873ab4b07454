"""Lists of arrivals for tests: rows of the packaged example layouts, written as each kind of file."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO

from openpyxl import Workbook

from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.arrival_files.reading import mappings_in, rows_of
from kfi_allocation.domain.arrivals.describing import Described
from kfi_allocation.domain.arrivals.gathering import Gathered, Said, described, gathered
from kfi_allocation.domain.arrivals.mapping import ArrivalMapping, Encoding, Separator
from kfi_allocation.domain.arrivals.places import Places
from kfi_allocation.domain.arrivals.rows import Limits, Row
from kfi_law.municipalities import register

TODAY = date(2026, 11, 23)
PLACES = Places(register())
LIMITS = Limits(rows=200_000, unpacked_bytes=300_000_000)
PERSONS: ArrivalMapping = mappings_in(None)["example-persons"].mapping
HOUSEHOLDS: ArrivalMapping = mappings_in(None)["example-households"].mapping


def person(family: str = "F-1", **said: str) -> dict[str, str]:
    """A row of the layout example-persons in order."""
    row = dict.fromkeys(PERSONS.headings, "")
    row |= {
        "Familiennummer": family, "Rechtsgrundlage": "§ 23 Abs. 4 AufenthG", "Name": "Muster", "Vorname": "Ada",
        "Geburtsdatum": "01.02.1990",
    }  # fmt: skip
    return row | said


def household(reference: str = "H-1", **said: str) -> dict[str, str]:
    """A row of the layout example-households in order."""
    row = dict.fromkeys(HOUSEHOLDS.headings, "") | {"reference": reference, "group": "resettlement", "persons": "2"}
    return row | said


def csv_of(rows: Sequence[dict[str, str]], *, separator: str = ";", encoding: str = "utf-8") -> bytes:
    """The rows as CSV below their headings."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def workbook_of(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Liste")
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def json_of(rows: Sequence[dict[str, Any]], name: str = "personen") -> bytes:
    """The rows as JSON."""
    return json.dumps({name: list(rows)}, ensure_ascii=False).encode()


def rows_in(
    content: bytes,
    kind: FileKind = FileKind.CSV,
    mapping: ArrivalMapping = PERSONS,
    *,
    encoding: Encoding = Encoding.UTF_8,
    separator: Separator = Separator.SEMICOLON,
    limits: Limits = LIMITS,
) -> Iterator[Row]:
    """The rows of a file."""
    file: BinaryIO = io.BytesIO(content)
    return rows_of(file, kind, mapping, encoding=encoding, separator=separator, limits=limits)


def read(
    content: bytes,
    kind: FileKind = FileKind.CSV,
    mapping: ArrivalMapping = PERSONS,
    *,
    said: Said | None = None,
    **told: Any,
) -> tuple[Gathered, list[Described]]:
    """What a file says of itself, and its households."""
    found = gathered(rows_in(content, kind, mapping, **told), mapping)
    return found, list(described(found, said or Said(), PLACES, TODAY))
