"""What each column may hold, written on the column itself: `Column("street", LargeBinary, info=PERSONAL)`.

A test walks every table of every service and fails on a column without a class; what is PERSONAL is bytes under the
person's key, so its type is LargeBinary. A text that people write freely may name a person, so it is PERSONAL.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, MetaData

KEY: Final = "classification"


class ColumnClass(StrEnum):
    """What a column may hold."""

    ID = "id"
    ACCOUNT = "account"
    ORGANISATION = "organisation"
    CODE = "code"
    DAY = "day"
    NUMBER = "number"
    DIGEST = "digest"
    TEXT_OF_OURS = "text of ours"
    OPEN_FACTS = "open facts"
    EVENT = "event"
    SEALED = "sealed"
    WRAPPED_KEY = "wrapped key"
    BLIND_INDEX = "blind index"
    PERSONAL = "personal"


def _of(kind: ColumnClass) -> dict[str, Any]:
    return {KEY: kind}


ID: Final = _of(ColumnClass.ID)
"""A key that says nothing by itself: a UUID, a file number, a correlation id."""
ACCOUNT: Final = _of(ColumnClass.ACCOUNT)
"""Who acted: the pseudonym of an account or of the person behind it, as the identity provider gives it."""
ORGANISATION: Final = _of(ColumnClass.ORGANISATION)
"""The id of an organisation; its name is PERSONAL, because associations may be named after people."""
CODE: Final = _of(ColumnClass.CODE)
"""One of a fixed set of words, or a flag."""
DAY: Final = _of(ColumnClass.DAY)
"""A day or an instant of the procedure; never a day of birth."""
NUMBER: Final = _of(ColumnClass.NUMBER)
"""A count, a version, an amount."""
DIGEST: Final = _of(ColumnClass.DIGEST)
"""SHA-256 of a content."""
TEXT_OF_OURS: Final = _of(ColumnClass.TEXT_OF_OURS)
"""A text the authority wrote that concerns no person: the name of a budget title, the trace of a computation."""
OPEN_FACTS: Final = _of(ColumnClass.OPEN_FACTS)
"""A document of codes, days and numbers, from which every text was taken out before."""
EVENT: Final = _of(ColumnClass.EVENT)
"""A published event or a record as it came: ids and codes by contract, sealed where the contract says so."""
SEALED: Final = _of(ColumnClass.SEALED)
"""Encrypted to one service (JWE), and gone when it was used."""
WRAPPED_KEY: Final = _of(ColumnClass.WRAPPED_KEY)
"""A person's key under the key-encryption key."""
BLIND_INDEX: Final = _of(ColumnClass.BLIND_INDEX)
"""A keyed digest of a search term; deleted with the person's key."""
PERSONAL: Final = _of(ColumnClass.PERSONAL)
"""Something about a person, or a text that may name one: encrypted with the person's key."""


def class_of(info: Mapping[Any, Any]) -> ColumnClass | None:
    """The class written on a column's `info`."""
    found = info.get(KEY)
    return None if found is None else ColumnClass(found)


def columns_of(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every column of every table."""
    for table in metadata.sorted_tables:
        yield from table.columns


def unclassified(metadata: MetaData) -> list[str]:
    """The columns that say nothing about what they may hold, as `table.column`."""
    return [str(column) for column in columns_of(metadata) if class_of(column.info) is None]


def personal_in_the_open(metadata: MetaData) -> list[str]:
    """Personal columns that cannot hold what was encrypted, as `table.column`."""
    return [
        str(column)
        for column in columns_of(metadata)
        if class_of(column.info) is ColumnClass.PERSONAL and not isinstance(column.type, LargeBinary)
    ]
