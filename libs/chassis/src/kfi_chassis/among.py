"""Rows by their keys, however many they are."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY


def among(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of the values, which go as one array.

    `IN` sends a parameter for each of them, and PostgreSQL takes no statement with more than 32,767.
    """
    sent: ColumnElement[Any] = bindparam(None, list(values), type_=ARRAY(column.type), unique=True)
    return column == any_(sent)
