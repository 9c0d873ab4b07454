"""The tables of the chassis, the same in every service's own database; what is in them is ids and codes.

outbox        events recorded in the transaction that caused them
outbox_due    their positions, until the broker has them: to mark one is to delete a small row
inbox         ids of the records a consumer has dealt with, so that a second delivery does nothing
dead_letter   records that could not be handled, with the reason, until the desk replays or discards them
deadline      what falls due on a date
idempotency_key  answers given to POSTs that create, so that a repeated one creates nothing
audit         who changed what, when and why; hash chained per aggregate; no role of the service may change a row
schema_revision  the revisions applied, each with the oldest release that works beside it; `migrate` makes and writes it
"""

from dataclasses import dataclass
from typing import Any, Final

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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, DIGEST, EVENT, ID, NUMBER, OPEN_FACTS

OUTBOX_CHANNEL: Final = "outbox"
"""PostgreSQL notifies on it once per transaction that adds to the outbox."""
WORK_CHANNEL: Final = "work"
"""PostgreSQL notifies on it when a transaction leaves work for a named worker; the payload is the worker's name."""


@dataclass(frozen=True)
class ChassisTables:
    """The chassis tables within one MetaData."""

    outbox: Table
    outbox_due: Table
    inbox: Table
    dead_letter: Table
    deadline: Table
    idempotency_key: Table
    audit: Table
    schema_revision: Table


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Declare the chassis tables in a service's MetaData, next to its own."""
    return ChassisTables(
        outbox=_outbox(metadata),
        outbox_due=_outbox_due(metadata),
        inbox=_inbox(metadata),
        dead_letter=_dead_letter(metadata),
        deadline=_deadline(metadata),
        idempotency_key=_idempotency_key(metadata),
        audit=_audit(metadata),
        schema_revision=_schema_revision(metadata),
    )


def _time(name: str, *, nullable: bool = False) -> "Column[Any]":
    default = None if nullable else text("now()")
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default, info=DAY)


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
        Column("event_id", Uuid, nullable=False, info=ID),
        Column("topic", Text, nullable=False, comment="the stream of the aggregate's kind", info=CODE),
        Column("key", Text, nullable=False, comment="the aggregate's id", info=CODE),
        Column("sequence", BigInteger, nullable=False, comment="counts the aggregate's events from 1", info=NUMBER),
        Column("type", Text, nullable=False, info=CODE),
        Column("headers", JSONB, nullable=False, info=EVENT),
        Column("payload", LargeBinary, nullable=False, info=EVENT),
        _time("occurred_at"),
        Column(
            "parked_reason",
            Text,
            comment="why the broker refuses it; later events of its key wait behind it",
            info=CODE,
        ),
        UniqueConstraint("event_id", name="outbox_event"),
        UniqueConstraint("topic", "key", "sequence", name="outbox_sequence"),
        CheckConstraint("sequence > 0", name="outbox_sequence_from_one"),
        Index("outbox_parked", "topic", "key", postgresql_where=text("parked_reason IS NOT NULL")),
        postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "5000"},
    )


def _outbox_due(metadata: MetaData) -> Table:
    return Table(
        "outbox_due",
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False, info=NUMBER),
        comment="the events of the outbox that the broker does not have yet",
        postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "5000"},
    )


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True, info=CODE),
        Column("event_id", Uuid, primary_key=True, info=ID),
        _time("processed_at"),
    )


def _dead_letter(metadata: MetaData) -> Table:
    return Table(
        "dead_letter",
        metadata,
        Column("number", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
        Column("consumer", Text, nullable=False, info=CODE),
        Column("topic", Text, nullable=False, info=CODE),
        Column("partition", Integer, nullable=False, info=NUMBER),
        Column("offset", BigInteger, nullable=False, info=NUMBER),
        Column("key", LargeBinary, info=EVENT),
        Column(
            "headers",
            LargeBinary,
            nullable=False,
            comment="JSON list of [name, base64 or null]: nothing is lost",
            info=EVENT,
        ),
        Column("value", LargeBinary, info=EVENT),
        Column(
            "recorded_at", DateTime(timezone=True), nullable=False, comment="the record's timestamp in Kafka", info=DAY
        ),
        Column("event_id", Uuid, comment="none when the envelope cannot be read", info=ID),
        Column("event_type", Text, info=CODE),
        Column("reason", Text, nullable=False, info=CODE),
        Column("holds_key", Boolean, nullable=False, info=CODE),
        _time("parked_at"),
        Column(
            "attempts", Integer, nullable=False, server_default=text("0"), comment="replays that failed", info=NUMBER
        ),
        _time("resolved_at", nullable=True),
        Column("resolution", Text, info=CODE),
        Column("resolved_by", Text, info=ACCOUNT),
        Column("resolution_reason", Text, info=CODE),
        CheckConstraint("resolution IN ('replayed', 'discarded', 'expired')", name="dead_letter_resolution"),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="dead_letter_resolved"),
        Index("dead_letter_open", "consumer", "number", postgresql_where=text("resolved_at IS NULL")),
        Index(
            "dead_letter_held_key",
            "consumer",
            "topic",
            "key",
            postgresql_where=text("resolved_at IS NULL AND holds_key"),
        ),
    )


def _deadline(metadata: MetaData) -> Table:
    return Table(
        "deadline",
        metadata,
        Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()"), info=ID),
        Column("kind", Text, nullable=False, info=CODE),
        Column("subject", Uuid, nullable=False, info=ID),
        Column("due_on", Date, nullable=False, info=DAY),
        Column("details", JSONB, nullable=False, server_default=text("'{}'"), info=OPEN_FACTS),
        _time("scheduled_at"),
        Column("attempts", Integer, nullable=False, server_default=text("0"), info=NUMBER),
        _time("retry_at", nullable=True),
        Column("failure", Text, comment="code of the last failure", info=CODE),
        _time("closed_at", nullable=True),
        Column("outcome", Text, info=CODE),
        CheckConstraint("outcome IN ('met', 'cancelled')", name="deadline_outcome"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="deadline_closed"),
        Index("deadline_open", "kind", "subject", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("deadline_due", "kind", "due_on", postgresql_where=text("closed_at IS NULL")),
    )


def _idempotency_key(metadata: MetaData) -> Table:
    return Table(
        "idempotency_key",
        metadata,
        Column("subject", Text, primary_key=True, comment="who asked", info=ACCOUNT),
        Column("operation", Text, primary_key=True, comment="method and route", info=CODE),
        Column("key", Text, primary_key=True, info=CODE),
        Column("request_hash", Text, nullable=False, info=DIGEST),
        Column("resource_id", Text, nullable=False, info=ID),
        _time("recorded_at"),
        Index("idempotency_key_recorded", "recorded_at", postgresql_using="brin"),
    )


def _audit(metadata: MetaData) -> Table:
    return Table(
        "audit",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
        Column("aggregate", Text, nullable=False, info=CODE),
        Column("aggregate_id", Uuid, nullable=False, info=ID),
        Column("number", BigInteger, nullable=False, comment="counts the rows of the aggregate from 1", info=NUMBER),
        Column("version", BigInteger, nullable=False, comment="the aggregate's version the row speaks of", info=NUMBER),
        Column("action", Text, nullable=False, info=CODE),
        Column("subject", Text, nullable=False, comment="the account that acted", info=ACCOUNT),
        Column("person", Text, nullable=False, comment="the person behind the account", info=ACCOUNT),
        Column("reason", Text, info=CODE),
        Column("details", JSONB, nullable=False, info=OPEN_FACTS),
        Column("correlation_id", Text, nullable=False, info=ID),
        _time("recorded_at"),
        Column("previous_hash", Text, nullable=False, info=DIGEST),
        Column("hash", Text, nullable=False, info=DIGEST),
        UniqueConstraint("aggregate", "aggregate_id", "number", name="audit_number"),
        CheckConstraint("number > 0", name="audit_number_from_one"),
    )


def _schema_revision(metadata: MetaData) -> Table:
    return Table(
        "schema_revision",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True, info=NUMBER),
        Column("revision", Text, nullable=False, info=CODE),
        Column("compatible_from", Text, ForeignKey("schema_revision.revision"), nullable=False, info=CODE),
        _time("applied_at"),
        UniqueConstraint("revision", name="schema_revision_once"),
    )
