"""The tables of the doors to the towns.

feed            one per town: how far its events are positioned, and from where on they are kept
feed_entry      what a town is told; without a position until the feed's writer gives one
told_town       what a town was last told of a household; the next event of the household is translated by it
town_household  the state of a household as the town was told it: what a snapshot shows
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import CODE, DAY, EVENT, ID, NUMBER, OPEN_FACTS

FEED: Final = Table(
    "feed",
    METADATA,
    Column("ags", Text, primary_key=True, info=CODE),
    Column("generation", Integer, nullable=False, info=NUMBER, comment="one more after a restore: old cursors end"),
    Column("last_position", BigInteger, nullable=False, info=NUMBER),
    Column("first_position", BigInteger, nullable=False, info=NUMBER, comment="the oldest that is kept, or the next"),
    CheckConstraint("first_position BETWEEN 1 AND last_position + 1", name="feed_kept"),
)
FEED_ENTRY: Final = Table(
    "feed_entry",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
    Column("ags", Text, nullable=False, info=CODE),
    Column("position", BigInteger, info=NUMBER, comment="given in the order of commits, from 1 without gaps"),
    Column("event_id", Uuid, nullable=False, info=ID),
    Column("type", Text, nullable=False, info=CODE),
    Column("data", LargeBinary, nullable=False, info=EVENT),
    Column("correlation_id", Text, info=ID),
    Column("occurred_at", DateTime(timezone=True), nullable=False, info=DAY),
    UniqueConstraint("event_id", name="feed_entry_event"),
    UniqueConstraint("ags", "position", name="feed_entry_position"),
    Index("feed_entry_without_position", "number", postgresql_where=text("position IS NULL")),
    Index("feed_entry_age", "occurred_at"),
)
TOLD_TOWN: Final = Table(
    "told_town",
    METADATA,
    Column("household_id", Uuid, nullable=False, info=ID),
    Column("ags", Text, nullable=False, info=CODE),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("arrival_on", Date, info=DAY),
    Column("current", Boolean, nullable=False, info=CODE),
    PrimaryKeyConstraint("household_id", "ags"),
)
TOWN_HOUSEHOLD: Final = Table(
    "town_household",
    METADATA,
    Column("ags", Text, nullable=False, info=CODE),
    Column("household_id", Uuid, nullable=False, info=ID),
    Column("facts", JSONB, nullable=False, info=OPEN_FACTS),
    PrimaryKeyConstraint("ags", "household_id"),
)
