"""The tables of the doors to the towns.

feed            one per town: how far its events are positioned, and from where on they are kept
feed_entry      what a town is told; without a position until the feed's writer gives one
told_town       what a town was last told of a household; the next event of the household is translated by it
town_household  the state of a household as the town was told it: what a snapshot shows
webhook         an endpoint of a town, and where it stands in the feed; address and contact lie under a key of its own
webhook_key     what signs the requests to it, under the same key; an old one ends some time after the new one began
webhook_attempt every attempt to deliver: the delivery log
placement_receipt  that a town took note of a proposal
kafka_door      a town's own topic, and from where in the feed it begins
kafka_credential  the users that may read it; a password only until the doorkeeper has it, and sealed to it
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
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
from kfi_chassis.privacy.columns import CODE, DAY, EVENT, ID, NUMBER, OPEN_FACTS, PERSONAL, SEALED

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
WEBHOOK: Final = Table(
    "webhook",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True, info=NUMBER),
    Column("ags", Text, nullable=False, info=CODE),
    Column("version", BigInteger, nullable=False, info=NUMBER, comment="changes by people, and its ending"),
    Column("url", LargeBinary, nullable=False, info=PERSONAL),
    Column("contact", LargeBinary, nullable=False, info=PERSONAL, comment="who is told when it is disabled"),
    Column("state", Text, nullable=False, info=CODE),
    Column("ending", Text, info=CODE, comment="why it is disabled"),
    Column("position", BigInteger, nullable=False, info=NUMBER, comment="the last event that was dealt with"),
    Column("failures", Integer, nullable=False, info=NUMBER, comment="of the event that is next"),
    Column("due_at", DateTime(timezone=True), info=DAY, comment="not before; none: at once"),
    Column("failing_since", DateTime(timezone=True), info=DAY),
    Column("replay_next", BigInteger, info=NUMBER),
    Column("replay_through", BigInteger, info=NUMBER),
    Column("lease", Uuid, info=ID, comment="which process sends to it at this moment"),
    Column("leased_until", DateTime(timezone=True), info=DAY),
    Column("created_on", Date, nullable=False, info=DAY),
    CheckConstraint("state IN ('active', 'disabled')", name="webhook_state"),
    CheckConstraint("(ending IS NULL) = (state = 'active')", name="webhook_ending"),
    CheckConstraint("(replay_next IS NULL) = (replay_through IS NULL)", name="webhook_replay"),
    CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name="webhook_lease"),
    Index("webhook_of_town", "ags", "number"),
)
WEBHOOK_KEY: Final = Table(
    "webhook_key",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("webhook_id", Uuid, ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False, info=ID),
    Column("scheme", Text, nullable=False, info=CODE),
    Column("secret", LargeBinary, nullable=False, info=PERSONAL),
    Column("created_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("ends_at", DateTime(timezone=True), info=DAY),
    CheckConstraint("scheme IN ('v1', 'v1a')", name="webhook_key_scheme"),
    Index("webhook_key_of_webhook", "webhook_id", "created_at"),
)
WEBHOOK_ATTEMPT: Final = Table(
    "webhook_attempt",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
    Column("webhook_id", Uuid, ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False, info=ID),
    Column("position", BigInteger, nullable=False, info=NUMBER),
    Column("event_id", Uuid, nullable=False, info=ID),
    Column("replay", Boolean, nullable=False, info=CODE),
    Column("failures", Integer, nullable=False, info=NUMBER, comment="of this event before this attempt"),
    Column("outcome", Text, nullable=False, info=CODE),
    Column("status", Integer, info=CODE, comment="the HTTP status, where there was an answer"),
    Column("milliseconds", Integer, nullable=False, info=NUMBER),
    Column("what_follows", Text, nullable=False, info=CODE),
    Column("at", DateTime(timezone=True), nullable=False, info=DAY),
    Index("webhook_attempt_of_webhook", "webhook_id", "number"),
    Index("webhook_attempt_age", "at"),
)
KAFKA_DOOR: Final = Table(
    "kafka_door",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("ags", Text, nullable=False, unique=True, info=CODE),
    Column("version", BigInteger, nullable=False, info=NUMBER),
    Column("state", Text, nullable=False, info=CODE),
    Column("opened_after", BigInteger, info=NUMBER, comment="the topic begins after this position of the feed"),
    Column("requested_at", DateTime(timezone=True), nullable=False, info=DAY),
    CheckConstraint("state IN ('requested', 'open', 'closing', 'closed')", name="kafka_door_state"),
    CheckConstraint("state <> 'open' OR opened_after IS NOT NULL", name="kafka_door_open"),
)
KAFKA_CREDENTIAL: Final = Table(
    "kafka_credential",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("door_id", Uuid, ForeignKey("kafka_door.id"), nullable=False, info=ID),
    Column("slot", Text, nullable=False, info=CODE),
    Column("state", Text, nullable=False, info=CODE),
    Column("sealed", Text, info=SEALED, comment="the password, to the doorkeeper; gone when the broker knows it"),
    Column("created_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("ends_at", DateTime(timezone=True), info=DAY),
    CheckConstraint("slot IN ('a', 'b')", name="kafka_credential_slot"),
    CheckConstraint("state IN ('requested', 'active', 'ending', 'revoked')", name="kafka_credential_state"),
    CheckConstraint("(sealed IS NOT NULL) = (state = 'requested')", name="kafka_credential_sealed"),
    Index("kafka_credential_in_use", "door_id", "slot", unique=True, postgresql_where=text("state <> 'revoked'")),
)
PLACEMENT_RECEIPT: Final = Table(
    "placement_receipt",
    METADATA,
    Column("household_id", Uuid, nullable=False, info=ID),
    Column("ags", Text, nullable=False, info=CODE),
    Column("proposed_on", Date, nullable=False, info=DAY),
    Column("received_on", Date, nullable=False, info=DAY),
    PrimaryKeyConstraint("household_id", "ags", "proposed_on"),
)
