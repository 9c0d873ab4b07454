"""The layout of a list as configuration: which column is which field, how values are written, what a row is.

The layout of the federal lists is not public, so none is built in. A mapping is a document (format below) that says
everything that could otherwise only be guessed: encoding, separator, formats of days, tables of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from kfi_allocation.domain.checking import Checker, DocumentNotReadable, Fields

FORMAT: Final = "kfi-arrival-mapping/1"
E = TypeVar("E", bound=StrEnum)


class Rows(StrEnum):
    """What a row of the list is."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Encoding(StrEnum):
    """How the text of a CSV file is written; a mark at its beginning (BOM) belongs to UTF-8 and is taken off."""

    UTF_8 = "utf-8"
    CP1252 = "cp1252"


class Separator(StrEnum):
    """What stands between two cells of a CSV file."""

    SEMICOLON = ";"
    COMMA = ","
    TAB = "\t"


class Column(StrEnum):
    """The fields a mapping can give a column; ``need.WORD`` comes in addition."""

    REFERENCE = "reference"
    STATUS = "status"
    GROUP = "group"
    PERSONS = "persons"
    ADULTS = "adults"
    CHILDREN = "children"
    SCHOOL_CHILDREN = "school_children"
    NEEDS = "needs"
    LANGUAGES = "languages"
    RELATIVES_IN = "relatives_in"
    MUST_JOIN = "must_join"
    WISHES = "wishes"
    ARRIVAL_ON = "arrival_on"
    CHARTER = "charter"
    STREET = "street"
    HOUSE_NUMBER = "house_number"
    POSTCODE = "postcode"
    CITY = "city"
    EMAIL = "email"
    PHONE = "phone"
    RESIDENCE = "residence"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    BORN_ON = "born_on"
    KINSHIP = "kinship"


OF_PERSONS: Final = (Column.LAST_NAME, Column.FIRST_NAME, Column.BORN_ON, Column.KINSHIP)
"""What belongs to one person; all else belongs to the household."""
OF_CONTACT: Final = (
    Column.STREET, Column.HOUSE_NUMBER, Column.POSTCODE, Column.CITY, Column.EMAIL, Column.PHONE,
)  # fmt: skip
NEED: Final = "need."
"""Before a word: a column that says yes or no to this need."""
_MANY: Final = frozenset({Column.NEEDS, Column.LANGUAGES, Column.WISHES})
_FLAGS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ArrivalMapping:
    """One layout. ``columns`` names the headings of each field, several where a field is spread over columns.

    ``values``: by field, how a value is written (no case) and what it means. ``list_separator`` stands between the
    values of one cell. ``large_home_from``: so many persons need a large home, where the list itself does not say.
    """

    name: str
    rows: Rows
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    dates: tuple[str, ...]
    encoding: Encoding | None = None
    separator: Separator | None = None
    heading_line: int = 1
    sheet: str | None = None
    records: str | None = None
    members: str | None = None
    list_separator: str = ","
    large_home_from: int | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that has to be there, once."""
        return tuple(dict.fromkeys(heading for each in self.columns.values() for heading in each))

    def field_of(self, heading: str) -> str:
        """The first field that reads this heading."""
        return next((field for field, headings in self.columns.items() if heading in headings), "")

    def has(self, field: str) -> bool:
        """Whether the list brings this field."""
        return field in self.columns

    def meaning(self, field: str, written: str) -> str | None:
        """What a value stands for by its field's table; None when it does not name it."""
        return self.values.get(field, {}).get(written.casefold())


def mapping_from(document: object) -> ArrivalMapping:
    """The mapping a document describes. Raises DocumentNotReadable with every problem found."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentNotReadable([f'format: must be "{FORMAT}"'])
    checker = Checker()
    mapping = ArrivalMapping(
        name=checker.text(document, "name", "mapping"),
        rows=_one_of(checker, Rows, document, "rows") or Rows.PERSON,
        columns=_columns(checker, document.get("columns")),
        values=_values(checker, document.get("values", {})),
        dates=_formats(checker, document.get("dates")),
        encoding=_one_of(checker, Encoding, document, "encoding", needed=False),
        separator=_one_of(checker, Separator, document, "separator", needed=False),
        heading_line=checker.whole({"heading_line": 1} | document, "heading_line", "mapping", 1, 1000),
        sheet=_text_or_none(checker, document, "sheet"),
        records=_text_or_none(checker, document, "records"),
        members=_text_or_none(checker, document, "members"),
        list_separator=checker.text({"list_separator": ","} | document, "list_separator", "mapping"),
        large_home_from=_large_home(checker, document),
    )
    _must_be_enough(checker, mapping)
    if checker.problems:
        raise DocumentNotReadable(checker.problems)
    return mapping


def _columns(checker: Checker, document: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(document, dict):
        checker.say("columns", "must name the heading of each field")
        return {}
    read: dict[str, tuple[str, ...]] = {}
    for field, named in document.items():
        headings = tuple(named) if isinstance(named, list) else (named,)
        if field not in set(Column) and not _is_need(field):
            checker.say(f"columns.{field}", "is no field of a household")
        elif not headings or not all(isinstance(each, str) and each.strip() for each in headings):
            checker.say(f"columns.{field}", "must be a heading or a list of headings")
        elif len(headings) > 1 and field not in _MANY:
            checker.say(f"columns.{field}", "must be one heading; only needs, languages and wishes may have several")
        else:
            read[field] = headings
    return read


def _is_need(field: str) -> bool:
    word = field.removeprefix(NEED)
    return field.startswith(NEED) and word.isidentifier() and word.isascii() and word.islower()


def _values(checker: Checker, document: object) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(document, dict):
        checker.say("values", "must be tables of values by field")
        return {}
    read: dict[str, Mapping[str, str]] = {}
    for field, table in document.items():
        if not isinstance(table, dict) or not all(isinstance(each, (str, bool)) for each in table.values()):
            checker.say(f"values.{field}", "must say of each written value what it means")
            continue
        read[field] = {written.casefold(): _meant(meant) for written, meant in table.items()}
    return read


def _meant(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _formats(checker: Checker, value: object) -> tuple[str, ...]:
    known = isinstance(value, list) and value and all(isinstance(each, str) and "%" in each for each in value)
    if not known or not isinstance(value, list):
        checker.say("dates", 'must be a list of formats such as "%d.%m.%Y"')
        return ()
    return tuple(value)


def _large_home(checker: Checker, document: Fields) -> int | None:
    if "large_home_from" not in document:
        return None
    return checker.whole(document, "large_home_from", "mapping", 1, 39)


def _text_or_none(checker: Checker, document: Fields, name: str) -> str | None:
    return checker.text(document, name, "mapping") if name in document else None


def _one_of(checker: Checker, kind: type[E], document: Fields, name: str, *, needed: bool = True) -> E | None:
    value = document.get(name)
    if value is None and not needed:
        return None
    if isinstance(value, str) and value in set(kind):
        return kind(value)
    checker.say(name, f"must be one of {', '.join(repr(each.value) for each in kind)}")
    return None


def _must_be_enough(checker: Checker, mapping: ArrivalMapping) -> None:
    if not mapping.has(Column.REFERENCE):
        checker.say("columns.reference", "must be there: by it a household is known again")
    if mapping.rows is Rows.HOUSEHOLD and not mapping.has(Column.PERSONS):
        checker.say("columns.persons", "must be there where a row is a household")
    if mapping.rows is Rows.HOUSEHOLD and mapping.members is not None:
        checker.say("members", 'makes a row of each person: say rows = "person"')
    for field, table in mapping.values.items():
        if field.startswith(NEED) or field == Column.MUST_JOIN:
            for written, meant in table.items():
                if meant not in _FLAGS:
                    checker.say(f"values.{field}.{written}", "must be true or false")
