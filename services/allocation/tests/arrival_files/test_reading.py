"""Files are read as they were said to be: never guessed, never beyond the limits, never half without a word."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from services.allocation.tests.arrival_lists import (
    HOUSEHOLDS,
    PERSONS,
    csv_of,
    household,
    json_of,
    person,
    read,
    workbook_of,
)

from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.arrival_files.reading import mappings_in
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator, mapping_from
from kfi_allocation.domain.arrivals.mistakes import Fault
from kfi_allocation.domain.arrivals.rows import Limits
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.groups import Group

FAMILY = [person(), person(Vorname="Zoë", Geburtsdatum="03.04.2019", Verwandtschaft="Kind")]
_BOOK = workbook_of(FAMILY)


def faults(content: bytes, kind: FileKind = FileKind.CSV, **told: Any) -> list[tuple[int, str, Fault]]:
    found, homes = read(content, kind, **told)
    mistakes = [*found.mistakes, *(mistake for home in homes for mistake in home.mistakes)]
    return [(each.line, each.field, each.fault) for each in mistakes]


@pytest.mark.parametrize(
    ("written", "kind"), [(csv_of, FileKind.CSV), (workbook_of, FileKind.XLSX), (json_of, FileKind.JSON)]
)
def test_each_kind_of_file_gives_the_same_household(
    written: Callable[[list[dict[str, str]]], bytes], kind: FileKind
) -> None:
    found, (home,) = read(written(FAMILY), kind)
    assert (found.mistakes, home.mistakes) == ([], ())
    assert home.announced is not None
    assert (home.announced.persons, home.announced.adults, home.announced.school_children) == (2, 1, 1)
    assert [each.first_name for each in home.announced.members] == ["Ada", "Zoë"]


@pytest.mark.parametrize("separator", list(Separator))
def test_the_separator_is_the_one_that_was_said(separator: Separator) -> None:
    assert faults(csv_of(FAMILY, separator=separator), separator=separator) == []
    other = next(each for each in Separator if each is not separator)
    assert Fault.COLUMN_MISSING in {
        fault for _, _, fault in faults(csv_of(FAMILY, separator=separator), separator=other)
    }


def test_a_mark_of_utf_8_is_taken_off() -> None:
    assert faults(csv_of(FAMILY, encoding="utf-8-sig")) == []


def test_cp1252_is_read_when_it_was_said() -> None:
    _, (home,) = read(csv_of(FAMILY, encoding="cp1252"), encoding=Encoding.CP1252)
    assert home.announced is not None
    assert home.announced.members[1].first_name == "Zoë"


@pytest.mark.parametrize(
    ("written", "said"), [("cp1252", Encoding.UTF_8), ("utf-8", Encoding.CP1252), ("utf-8-sig", Encoding.CP1252)]
)
def test_another_encoding_than_was_said_is_told_with_its_line(written: str, said: Encoding) -> None:
    rows = [dict(zip([*person(), "ohne"], [*each.values(), ""], strict=True)) for each in FAMILY]
    plain = PERSONS.headings.index("Angehörige in")
    assert plain > 0
    found = faults(csv_of(rows, encoding=written), encoding=said)
    assert found == [(1, "", Fault.NOT_DECODABLE)]


def test_plain_letters_are_the_same_in_both_encodings() -> None:
    mapping = mapping_from({
        "format": "kfi-arrival-mapping/1", "name": "plain", "rows": "household", "dates": ["%Y-%m-%d"],
        "columns": {"reference": "ref", "persons": "n", "group": "g"}, "values": {"group": {"r": "resettlement"}},
    })  # fmt: skip
    for encoding in Encoding:
        _, (home,) = read(b"ref;n;g\nA-1;2;r\n", mapping=mapping, encoding=encoding)
        assert home.announced is not None


def test_a_quote_that_never_ends_is_a_list_cut_off_and_what_stood_before_is_read() -> None:
    content = csv_of([person("F-1"), person("F-2")]).rstrip() + b'\nF-3;"neu'
    found, homes = read(content)
    assert [(each.line, each.fault) for each in found.mistakes] == [(4, Fault.CUT_OFF)]
    assert [home.reference for home in homes if home.announced] == ["F-1", "F-2"]
    assert not found.whole


def test_a_row_with_too_few_cells_keeps_its_household_outside_and_the_list_from_being_whole() -> None:
    content = csv_of([person("F-1"), person("F-2"), person("F-2", Vorname="B")])
    cut = content[: content.rindex(b"Muster")]
    found, homes = read(cut)
    assert [home.announced is not None for home in homes] == [True, False]
    assert homes[1].mistakes[0].fault is Fault.CELLS_DO_NOT_FIT
    assert homes[1].mistakes[0].line == 4
    assert not found.whole


def test_lines_are_counted_as_the_file_shows_them() -> None:
    rows = [person("F-1", Straße="Am\nMarkt"), person("F-2", Geburtsdatum="31.02.1990")]
    assert (4, "born_on", Fault.NOT_A_DAY) in faults(csv_of(rows))


def test_a_heading_that_is_missing_or_there_twice_is_named() -> None:
    content = csv_of(FAMILY).replace(b"Vorname", b"Name", 1)
    assert set(faults(content)) == {(1, "last_name", Fault.COLUMN_TWICE), (1, "first_name", Fault.COLUMN_MISSING)}


def test_more_rows_than_are_taken_are_told() -> None:
    rows = [person(f"F-{number}") for number in range(5)]
    for content, kind in (
        (csv_of(rows), FileKind.CSV),
        (workbook_of(rows), FileKind.XLSX),
        (json_of(rows), FileKind.JSON),
    ):
        assert Fault.TOO_MANY_ROWS in {each[2] for each in faults(content, kind, limits=Limits(3, 10**8))}


def test_a_formula_is_never_taken_for_its_value() -> None:
    content = workbook_of([person(Vorname='=HYPERLINK("https://example.org")')])
    assert faults(content, FileKind.XLSX) == [(2, "first_name", Fault.FORMULA)]


def test_days_and_numbers_of_a_workbook_are_read_as_such() -> None:
    rows = [person("1001") | {"Geburtsdatum": datetime(1990, 2, 1), "Familiennummer": 1001, "PLZ": 44137}]  # noqa: DTZ001
    _, (home,) = read(workbook_of(rows), FileKind.XLSX)
    assert home.reference == "1001"
    assert home.announced is not None
    assert (home.announced.members[0].born_on, home.announced.contact.postcode) == (date(1990, 2, 1), "44137")


def test_a_file_that_would_unpack_to_much_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO(workbook_of(FAMILY))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/media/zeros", bytes(20_000_000))
    assert len(bomb.getvalue()) < 100_000
    found = faults(bomb.getvalue(), FileKind.XLSX, limits=Limits(1000, 10_000_000))
    assert found == [(0, "", Fault.TOO_LARGE)]


def test_entities_of_a_workbook_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(8))
    content = _with_part(
        workbook_of(FAMILY), "xl/worksheets/sheet1.xml",
        f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><worksheet xmlns='
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c t="inlineStr"><is><t>'
        "&e7;</t></is></c></row></sheetData></worksheet>",
    )  # fmt: skip
    assert faults(content, FileKind.XLSX) == [(0, "", Fault.NOT_A_TABLE)]


def test_a_sheet_that_says_it_is_huge_is_read_as_it_is() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(list(person()))
    sheet.append(list(person().values()))
    sheet.cell(row=2, column=16_000, value="far away")
    written = io.BytesIO()
    book.save(written)
    assert faults(written.getvalue(), FileKind.XLSX) == []


@pytest.mark.parametrize("kind", list(FileKind))
@given(content=st.binary(max_size=300))
@settings(max_examples=30)
def test_any_bytes_give_an_answer(kind: FileKind, content: bytes) -> None:
    for encoding in Encoding:
        assert faults(content, kind, encoding=encoding)


@given(st.lists(st.tuples(st.integers(0, len(_BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_damaged_workbook_is_told_or_read(damage: list[tuple[int, int]]) -> None:
    content = bytearray(_BOOK)
    for at, byte in damage:
        content[at] = byte
    found, homes = read(bytes(content), FileKind.XLSX)
    assert found.mistakes or homes


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (json_of(FAMILY)[:-5], Fault.CUT_OFF),
        (b'{"personen": [{"a": 1, "a": 2}]}', Fault.NOT_A_TABLE),
        (b'{"personen": NaN}', Fault.NOT_A_TABLE),
        (b'{"personen": {}}', Fault.NOT_A_TABLE),
        (b"[" * 100_000, Fault.NOT_A_TABLE),
        (b'["\xff"]', Fault.NOT_DECODABLE),
        (b"[]", Fault.NO_ROWS),
    ],
)
def test_json_that_is_not_a_list_of_rows_is_told(content: bytes, fault: Fault) -> None:
    assert fault in {each[2] for each in faults(content, FileKind.JSON)}


@pytest.mark.parametrize("written", ["1e5000", "1e-99999999", "1e99999999999999999999", "1" * 5000, "[3]", "{}", "3.5"])
def test_a_number_or_value_of_json_that_is_none_names_line_and_field_and_holds_up_no_other(written: str) -> None:
    rows = [household("H-1", persons="@"), household("H-2")]
    content = json_of(rows, "households").replace(b'"@"', written.encode())
    found, homes = read(content, FileKind.JSON, HOUSEHOLDS)
    assert (found.mistakes, found.whole, homes[1].mistakes) == ([], True, ())
    assert [(each.line, each.field) for each in homes[0].mistakes] == [(1, "persons")]


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(HOUSEHOLDS.headings), _ANY_JSON))
def test_whatever_stands_in_an_object_of_json_is_a_household_or_a_mistake(said: dict[str, Any]) -> None:
    found, homes = read(json_of([household() | said], "households"), FileKind.JSON, HOUSEHOLDS)
    assert found.mistakes or all(home.mistakes or home.announced or home.cancelled for home in homes)


def test_odd_cells_of_a_workbook_name_line_and_field() -> None:
    odd = {"arrival_on": datetime(2026, 12, 1, 14, 30), "persons": 1234567, "adults": "#N/A", "children": True}  # noqa: DTZ001
    good = {"reference": "H-2", "persons": 3.0, "relatives_in": 5913000}
    book = workbook_of([household() | odd, household() | good])
    with zipfile.ZipFile(io.BytesIO(book)) as container:
        sheet = container.read("xl/worksheets/sheet1.xml").decode()
    content = _with_part(book, "xl/worksheets/sheet1.xml", sheet.replace("1234567", "1e999"))
    _, homes = read(content, FileKind.XLSX, HOUSEHOLDS)
    assert {(each.line, each.field, each.fault) for each in homes[0].mistakes} >= {
        (2, "arrival_on", Fault.NOT_A_DAY), (2, "persons", Fault.NOT_READABLE), (2, "adults", Fault.FORMULA),
        (2, "children", Fault.NOT_A_NUMBER),
    }  # fmt: skip
    assert homes[1].announced is not None
    assert (homes[1].announced.persons, homes[1].announced.relatives_in) == (3, "05913000")


def test_json_may_hold_the_persons_of_a_household_below_it() -> None:
    mapping = mapping_from({
        "format": "kfi-arrival-mapping/1", "name": "nested", "rows": "person", "records": "families",
        "members": "people", "dates": ["%Y-%m-%d"],
        "columns": {"reference": "id", "group": "group", "last_name": "name", "born_on": "born"},
    })  # fmt: skip
    families = [
        {"id": "A-1", "people": [{"name": "A", "born": "1980-01-01"}, {"name": "B", "born": "2015-01-01"}]},
        {"id": "A-2", "people": []},
    ]
    _, homes = read(json_of(families, "families"), FileKind.JSON, mapping, said=Said(Group.RESETTLEMENT))
    assert homes[0].announced is not None
    assert homes[0].announced.persons == 2
    assert [mistake.fault for mistake in homes[1].mistakes] == [Fault.CELLS_DO_NOT_FIT]


def test_a_mapping_with_mistakes_names_every_one(tmp_path: Any) -> None:
    (tmp_path / "own.toml").write_text(
        'format = "kfi-arrival-mapping/1"\nname = "own"\nrows = "family"\n[columns]\nx = "y"\n'
    )
    with pytest.raises(DocumentNotReadable) as told:
        mappings_in(tmp_path)
    problems = "\n".join(told.value.problems)
    for place in ("own.toml: rows", "columns.x", "columns.reference", "dates"):
        assert place in problems


def _with_part(content: bytes, name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for each in before.namelist():
            after.writestr(each, text if each == name else before.read(each))
    return made.getvalue()
