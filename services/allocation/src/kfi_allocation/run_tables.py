"""The tables of plan runs. What a run is about lies under a key of its own: it tells what households need."""

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
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, DIGEST, ID, NUMBER, OPEN_FACTS, PERSONAL

PLAN_RUN: Final = Table(
    "plan_run",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, info=NUMBER, comment="order of freezing"),
    Column("kind", Text, nullable=False, info=CODE),
    Column("state", Text, nullable=False, info=CODE),
    Column("version", BigInteger, nullable=False, info=NUMBER, comment="counts saves; the ETag"),
    Column("sequence", BigInteger, nullable=False, info=NUMBER, comment="counts published events"),
    Column("attempt", Integer, nullable=False, info=NUMBER, comment="counts how often it was begun"),
    Column("digest", Text, nullable=False, info=DIGEST, comment="SHA-256 of the frozen input"),
    Column("frozen_on", Date, nullable=False, info=DAY),
    Column("policy_version", Text, nullable=False, info=CODE),
    Column("seed", Integer, nullable=False, info=NUMBER),
    Column("households", Integer, nullable=False, info=NUMBER),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("repairs", Uuid, ForeignKey("plan_run.id"), info=ID, comment="the accepted run it repairs"),
    Column("replans", Uuid, ForeignKey("plan_run.id"), info=ID, comment="the run whose plan was overridden"),
    Column("causes", JSONB, nullable=False, info=OPEN_FACTS, comment="why it is repaired, in codes"),
    Column("created_by", Text, nullable=False, info=ACCOUNT),
    Column("holder", Uuid, info=ID, comment="the worker that solves it"),
    Column("lease_until", DateTime(timezone=True), info=DAY),
    Column("queued_at", DateTime(timezone=True), info=DAY),
    Column("started_at", DateTime(timezone=True), info=DAY),
    Column("ended_at", DateTime(timezone=True), info=DAY),
    Column("solver", Text, info=CODE, comment="name and version"),
    Column("status", Text, info=CODE),
    Column("objective", Numeric, info=NUMBER),
    Column("bound", Numeric, info=NUMBER),
    Column("gap", Numeric, info=NUMBER),
    Column("stopped_by", Text, info=CODE),
    Column("reproducible", Boolean, info=CODE),
    Column("certificate", JSONB(none_as_null=True), info=OPEN_FACTS, comment="roots, figures and signature; public"),
    Column("failure", Text, info=CODE),
    Column("accepted_by", Text, info=ACCOUNT),
    Column("accepted_on", Date, info=DAY),
    CheckConstraint("(state = 'running') = (holder IS NOT NULL)", name="plan_run_held_while_running"),
    CheckConstraint("(holder IS NULL) = (lease_until IS NULL)", name="plan_run_lease"),
    CheckConstraint("state NOT IN ('proved', 'accepted') OR certificate IS NOT NULL", name="plan_run_proved"),
    Index("plan_run_position", "position", unique=True),
    Index("plan_run_open", "state", "position"),
)

RUN_DOCUMENT: Final = Table(
    "run_document",
    METADATA,
    Column("run_id", Uuid, ForeignKey("plan_run.id"), primary_key=True, info=ID),
    Column("kind", Text, primary_key=True, info=CODE, comment="input, preview or plan"),
    Column("content", LargeBinary, nullable=False, info=PERSONAL, comment="compressed; households by id alone"),
)

RUN_HOUSEHOLD: Final = Table(
    "run_household",
    METADATA,
    Column("run_id", Uuid, ForeignKey("plan_run.id"), primary_key=True, info=ID),
    Column("household_id", Uuid, primary_key=True, info=ID),
    Column("ags", Text, info=CODE, comment="the town of the proven plan"),
    Column("flat_id", Uuid, info=ID, comment="the flat reserved for it when the plan was accepted"),
    Column("flat_missing", Text, info=CODE, comment="what it needs a flat for and got none"),
    Index("run_household_of", "household_id"),
)

RUN_PROGRESS: Final = Table(
    "run_progress",
    METADATA,
    Column("run_id", Uuid, ForeignKey("plan_run.id"), primary_key=True, info=ID),
    Column("number", Integer, primary_key=True, info=NUMBER),
    Column("attempt", Integer, nullable=False, info=NUMBER),
    Column("at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("stage", Text, nullable=False, info=CODE),
    Column("objective", Numeric, nullable=False, info=NUMBER),
    Column("bound", Numeric, nullable=False, info=NUMBER),
)

RUN_OVERRIDE: Final = Table(
    "run_override",
    METADATA,
    Column("run_id", Uuid, ForeignKey("plan_run.id"), primary_key=True, info=ID),
    Column("household_id", Uuid, primary_key=True, info=ID),
    Column("ags", Text, nullable=False, info=CODE),
    Column("reason", Text, nullable=False, info=CODE),
    Column("explanation", LargeBinary, nullable=False, info=PERSONAL, comment="in the planner's words"),
    Column("decided_by", Text, nullable=False, info=ACCOUNT),
)
