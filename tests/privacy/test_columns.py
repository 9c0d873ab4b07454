"""Every column of every service says what it may hold, and what is personal lies under a person's key."""

from importlib import import_module
from importlib.metadata import entry_points

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

from kfi_chassis.privacy.columns import (
    CODE,
    ID,
    PERSONAL,
    ColumnClass,
    class_of,
    columns_of,
    personal_in_the_open,
    unclassified,
)

PACKAGES = sorted(point.load().package for point in entry_points(group="kfi.services"))


def tables_of(package: str) -> MetaData:
    (metadata,) = {
        id(value): value for value in vars(import_module(f"{package}.tables")).values() if isinstance(value, MetaData)
    }.values()
    return metadata


@pytest.mark.parametrize("package", PACKAGES)
def test_every_column_says_what_it_may_hold(package: str) -> None:
    assert unclassified(tables_of(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_personal_is_encrypted(package: str) -> None:
    assert personal_in_the_open(tables_of(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_an_encrypted_column_is_filled_with_a_key(package: str) -> None:
    """The service that has a personal column has the tables of personal data as well."""
    tables = tables_of(package)
    personal = [column for column in columns_of(tables) if class_of(column.info) is ColumnClass.PERSONAL]
    assert bool(personal) <= ("person_key" in tables.tables)


def test_a_column_that_says_nothing_is_found() -> None:
    metadata = MetaData()
    Table("planted", metadata, Column("id", Text, info=ID), Column("remark", Text))
    assert unclassified(metadata) == ["planted.remark"]


def test_a_personal_column_of_open_text_is_found() -> None:
    metadata = MetaData()
    Table(
        "planted",
        metadata,
        Column("state", Text, info=CODE),
        Column("name", Text, info=PERSONAL),
        Column("street", LargeBinary, info=PERSONAL),
    )
    assert personal_in_the_open(metadata) == ["planted.name"]
