"""The tables of outlooks: what was computed last of each town, and from what."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import CODE, DAY, DIGEST, NUMBER, OPEN_FACTS

OUTLOOK: Final = Table(
    "outlook",
    METADATA,
    Column("ags", Text, primary_key=True, info=CODE),
    Column("version", BigInteger, nullable=False, comment="rises when the town is told otherwise", info=NUMBER),
    Column("changed_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("spans", JSONB, nullable=False, comment="ranges and what is certain, by weeks", info=OPEN_FACTS),
)
OUTLOOK_BASIS: Final = Table(
    "outlook_basis",
    METADATA,
    Column("single", Boolean, primary_key=True, comment="there is one row", info=CODE),
    Column("as_of", Date, nullable=False, info=DAY),
    Column("computed_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("policy_version", Text, nullable=False, info=CODE),
    Column("method", Text, nullable=False, info=CODE),
    Column("digest", Text, nullable=False, comment="of all that went in", info=DIGEST),
    CheckConstraint("single", name="outlook_basis_is_one"),
)
