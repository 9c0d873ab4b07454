"""The tables of policies, of further series, and of published accounts."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Identity, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, DIGEST, ID, NUMBER, OPEN_FACTS, TEXT_OF_OURS

POLICY: Final = Table(
    "policy",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of drafts", info=NUMBER),
    Column("name", Text, nullable=False, comment="the version by which plans and accounts name it", info=CODE),
    Column("valid_from", Date, nullable=False, info=DAY),
    Column("content", JSONB, nullable=False, comment="what was drafted; nothing about a person", info=OPEN_FACTS),
    Column("standing", Text, nullable=False, info=CODE),
    Column("drafted_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("drafted_on", Date, nullable=False, info=DAY),
    Column("decided_by", Text, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("decided_on", Date, info=DAY),
    Column("returned_because", Text, comment="a code", info=CODE),
    Column("version", BigInteger, nullable=False, comment="counts steps; the ETag", info=NUMBER),
    UniqueConstraint("name", name="policy_name"),
    CheckConstraint("standing IN ('drafted', 'in-force', 'returned')", name="policy_standing"),
    CheckConstraint(
        "standing <> 'in-force' OR (decided_by IS NOT NULL AND decided_by <> drafted_by)", name="policy_of_two_persons"
    ),
)

SERIES: Final = Table(
    "series",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of loading", info=NUMBER),
    Column("name", Text, nullable=False, info=CODE),
    Column("basis", Text, nullable=False, info=CODE),
    Column("counted_on", Date, nullable=False, info=DAY),
    Column("holds_from", Date, nullable=False, comment="the first day of accounts kept by it", info=DAY),
    Column("source", Text, nullable=False, comment="whose figures, under which licence", info=TEXT_OF_OURS),
    Column("by_ags", JSONB, nullable=False, comment="a figure for each municipality", info=OPEN_FACTS),
    Column("loaded_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("loaded_on", Date, nullable=False, info=DAY),
    UniqueConstraint("name", "basis", "holds_from", name="series_of_a_day"),
)

QUOTA_PUBLICATION: Final = Table(
    "quota_publication",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order", info=NUMBER),
    Column("as_of", Date, nullable=False, info=DAY),
    Column("policy_version", Text, nullable=False, info=CODE),
    Column("digest", Text, nullable=False, comment="SHA-256 of the canonical document", info=DIGEST),
    Column("document", JSONB, nullable=False, comment="what was published; sums of towns", info=OPEN_FACTS),
    Column("published_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("published_on", Date, nullable=False, info=DAY),
)
