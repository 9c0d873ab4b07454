"""The tables of a service that keeps personal data, next to those of the chassis.

person_key     a person's key, wrapped; deleting the row erases the person. Left out of long backups
erased_person  who was erased, by id, so that nobody gets a second key
blind_index    keyed digests of search terms; they go with the key. Left out of long backups
"""

from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, MetaData, Table, Text, Uuid, text

from kfi_chassis.privacy.columns import BLIND_INDEX, CODE, DAY, ID, NUMBER, WRAPPED_KEY

SHORT_LIVED: Final = ("person_key", "blind_index")
"""The tables a long backup leaves out."""


@dataclass(frozen=True)
class PersonTables:
    """The tables of personal data within one MetaData."""

    person_key: Table
    erased_person: Table
    blind_index: Table


def person_tables(metadata: MetaData) -> PersonTables:
    """Declare the tables in a service's MetaData."""
    return PersonTables(_person_key(metadata), _erased_person(metadata), _blind_index(metadata))


def _person_key(metadata: MetaData) -> Table:
    return Table(
        "person_key",
        metadata,
        Column("person", Uuid, primary_key=True, info=ID),
        Column("kid", Text, nullable=False, comment="the key outside the database that wraps it", info=CODE),
        Column("wrapped", LargeBinary, nullable=False, info=WRAPPED_KEY),
        Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), info=DAY),
        Index("person_key_wrapped_with", "kid", "person"),
    )


def _erased_person(metadata: MetaData) -> Table:
    return Table(
        "erased_person",
        metadata,
        Column("person", Uuid, primary_key=True, info=ID),
        Column("erased_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), info=DAY),
    )


def _blind_index(metadata: MetaData) -> Table:
    return Table(
        "blind_index",
        metadata,
        Column("token", LargeBinary, primary_key=True, info=BLIND_INDEX),
        Column("person", Uuid, primary_key=True, info=ID),
        Column("number", BigInteger, Identity(always=True), nullable=False, comment="later ones first", info=NUMBER),
        Index("blind_index_person", "person"),
        Index("blind_index_latest", "token", "number"),
    )


class Operations(Protocol):
    """What a revision needs of alembic's `op`."""

    def execute(self, sqltext: str) -> None:
        """Run one statement."""


_STATEMENTS_V1: Final = (
    """
    CREATE TABLE person_key (
        person uuid PRIMARY KEY,
        kid text NOT NULL,
        wrapped bytea NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX person_key_wrapped_with ON person_key (kid, person)",
    "COMMENT ON COLUMN person_key.kid IS 'the key outside the database that wraps it'",
    "CREATE TABLE erased_person (person uuid PRIMARY KEY, erased_at timestamptz NOT NULL DEFAULT now())",
    """
    CREATE TABLE blind_index (
        token bytea NOT NULL,
        person uuid NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY (token, person)
    )
    """,
    "CREATE INDEX blind_index_person ON blind_index (person)",
    "CREATE INDEX blind_index_latest ON blind_index (token, number)",
    "COMMENT ON COLUMN blind_index.number IS 'later ones first'",
)


def create_person_tables_v1(op: Operations) -> None:
    """Create the tables of `person_tables`; frozen, a later change is a new function."""
    for statement in _STATEMENTS_V1:
        op.execute(statement)
