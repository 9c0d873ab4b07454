"""The tables of the service next to those of the chassis; amounts in EUR with two decimals."""

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
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kfi_applications.attachment_tables import attachment_tables
from kfi_applications.correction_table import correction_table
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, ID, NUMBER, OPEN_FACTS, ORGANISATION, PERSONAL, TEXT_OF_OURS
from kfi_chassis.privacy.tables import person_tables
from kfi_chassis.tables import chassis_tables

METADATA: Final = MetaData()
CHASSIS: Final = chassis_tables(METADATA)
PERSONS: Final = person_tables(METADATA)
_EURO: Final = Numeric(15, 2)

ATTACHMENT, ATTACHMENT_PART = attachment_tables(METADATA)
CORRECTION: Final = correction_table(METADATA)

APPLICATION: Final = Table(
    "application",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column(
        "position",
        BigInteger,
        Identity(always=True),
        nullable=False,
        comment="the order of receipt, for lists",
        info=NUMBER,
    ),
    Column("version", BigInteger, nullable=False, comment="counts saves; the ETag", info=NUMBER),
    Column("sequence", BigInteger, nullable=False, comment="counts published events", info=NUMBER),
    Column("file_number", Text, nullable=False, info=ID),
    Column(
        "organisation", Text, nullable=False, comment="whose account filed it; it sees only its own", info=ORGANISATION
    ),
    Column("programme", Text, nullable=False, info=CODE),
    Column("call", Text, nullable=False, info=CODE),
    Column(
        "call_version",
        Integer,
        nullable=False,
        server_default="1",
        comment="the version in force at the filing",
        info=NUMBER,
    ),
    Column("state", Text, nullable=False, info=CODE),
    Column("filed_on", Date, nullable=False, info=DAY),
    Column("late", Boolean, nullable=False, info=CODE),
    Column("applicant", JSONB, nullable=False, info=OPEN_FACTS),
    Column("addressee", JSONB, nullable=False, info=OPEN_FACTS),
    Column("project", JSONB, nullable=False, info=OPEN_FACTS),
    Column("finance_plan", JSONB, nullable=False, info=OPEN_FACTS),
    Column("assessment", JSONB(none_as_null=True), info=OPEN_FACTS),
    Column("proposal", JSONB(none_as_null=True), info=OPEN_FACTS),
    Column("decision", JSONB(none_as_null=True), info=OPEN_FACTS),
    Column("remedies", JSONB, nullable=False, info=OPEN_FACTS),
    Column("failed_notifications", JSONB, nullable=False, info=OPEN_FACTS),
    Column("applicant_name", LargeBinary, info=PERSONAL),
    Column("texts", LargeBinary, comment="whom and what the case's documents name", info=PERSONAL),
    Column("erased_on", Date, comment="the day its personal data was erased", info=DAY),
    Column("bank_account_on", Date, comment="the day on which the account was stated last", info=DAY),
    Column(
        "information_requests",
        JSONB,
        nullable=False,
        server_default="[]",
        comment="the last is open or answered",
        info=OPEN_FACTS,
    ),
    Column("early_start", JSONB(none_as_null=True), comment="the permission to begin early", info=OPEN_FACTS),
    Column("withdrawn_on", Date, comment="the day its withdrawal was received", info=DAY),
    Column("assignee", Text, comment="the person who works on it; none: nobody does", info=ACCOUNT),
    Column("waits_for", Text, comment="whose turn it is; none once the case has ended", info=CODE),
    Column(
        "due_on",
        Date,
        server_default=text("current_date"),
        comment="until when; an older release's case: at once",
        info=DAY,
    ),
    UniqueConstraint("position", name="application_position"),
    UniqueConstraint("file_number", name="application_file_number"),
    Index("application_of_organisation", "organisation", "position"),
    Index("application_in_state", "state", "position"),
    Index("application_in_the_open", "position", postgresql_where=text("texts IS NULL")),
    *(
        Index(name, *columns, postgresql_where=text("due_on IS NOT NULL"))
        for name, columns in {
            "work_list": ("due_on", "position"),
            "work_list_in_state": ("state", "due_on", "position"),
            "work_list_of_person": ("assignee", "due_on", "position"),
            "work_list_of_person_in_state": ("assignee", "state", "due_on", "position"),
            "work_list_by_age": ("filed_on",),
        }.items()
    ),
)

NOTE: Final = Table(
    "note",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of writing", info=NUMBER),
    Column("application_id", Uuid, ForeignKey("application.id"), nullable=False, info=ID),
    Column("written_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("written_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("text", LargeBinary, nullable=False, info=PERSONAL),
    UniqueConstraint("application_id", "position", name="note_of_case"),
)

MANDATE: Final = Table(
    "mandate",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("represented", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("deputy", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("valid_from", Date, nullable=False, info=DAY),
    Column("valid_until", Date, nullable=False, comment="the last day", info=DAY),
    Column("granted_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("revoked_on", Date, comment="the first day without it", info=DAY),
    Column("version", BigInteger, nullable=False, comment="counts saves; the ETag", info=NUMBER),
    CheckConstraint("valid_from <= valid_until", name="mandate_has_a_time"),
    CheckConstraint("represented <> deputy", name="mandate_of_two_persons"),
    Index("mandate_of_deputy", "deputy", "valid_until"),
    Index("mandate_by_end", "valid_until", "id"),
)

CASEWORKER: Final = Table(
    "caseworker",
    METADATA,
    Column("person", Text, primary_key=True, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("last_seen_on", Date, nullable=False, info=DAY),
)

FILE_NUMBER: Final = Table(
    "file_number",
    METADATA,
    Column("year", Integer, primary_key=True, autoincrement=False, info=NUMBER),
    Column("last", Integer, nullable=False, comment="the last number given in the year", info=NUMBER),
)

BUDGET_TITLE: Final = Table(
    "budget_title",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("key", Text, nullable=False, info=CODE),
    Column("name", Text, nullable=False, info=TEXT_OF_OURS),
    Column("version", BigInteger, nullable=False, info=NUMBER),
    UniqueConstraint("key", name="budget_title_key"),
)

BUDGET_YEAR: Final = Table(
    "budget_year",
    METADATA,
    Column("title", Text, ForeignKey("budget_title.key"), nullable=False, info=CODE),
    Column("year", Integer, nullable=False, info=NUMBER),
    Column("appropriation", _EURO, nullable=False, info=NUMBER),
    Column("commitment_authorisation", _EURO, nullable=False, info=NUMBER),
    Column("reserved", _EURO, nullable=False, info=NUMBER),
    Column("committed", _EURO, nullable=False, info=NUMBER),
    PrimaryKeyConstraint("title", "year"),
    CheckConstraint("reserved >= 0 AND committed >= 0", name="budget_year_counts_up"),
    CheckConstraint(
        "reserved + committed <= appropriation + commitment_authorisation", name="budget_year_never_overdrawn"
    ),
)

BUDGET_BOOKING: Final = Table(
    "budget_booking",
    METADATA,
    Column("title", Text, nullable=False, info=CODE),
    Column("year", Integer, nullable=False, info=NUMBER),
    Column("application_id", Uuid, ForeignKey("application.id"), nullable=False, info=ID),
    Column("booking", Text, nullable=False, info=CODE),
    Column("amount", _EURO, nullable=False, info=NUMBER),
    PrimaryKeyConstraint("application_id", "title", "year"),
    CheckConstraint("amount > 0", name="budget_booking_of_something"),
    CheckConstraint("booking IN ('reserved', 'committed')", name="budget_booking_kind"),
)

MASTER_RECORD: Final = Table(
    "master_record",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("kind", Text, nullable=False, info=CODE),
    Column("key", Text, nullable=False, info=CODE),
    Column("version", BigInteger, nullable=False, comment="counts steps; the ETag", info=NUMBER),
    UniqueConstraint("kind", "key", name="master_record_key"),
    CheckConstraint("kind IN ('call', 'budget-plan')", name="master_record_kind"),
)

MASTER_VERSION: Final = Table(
    "master_version",
    METADATA,
    Column("record", Uuid, ForeignKey("master_record.id"), nullable=False, info=ID),
    Column("number", Integer, nullable=False, info=NUMBER),
    Column(
        "content",
        JSONB,
        nullable=False,
        comment="what a call or a budget plan says; nothing about a person",
        info=TEXT_OF_OURS,
    ),
    Column("proposed_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("proposed_on", Date, nullable=False, info=DAY),
    Column("standing", Text, nullable=False, info=CODE),
    Column("decided_by", Text, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("decided_on", Date, info=DAY),
    Column("returned_because", Text, comment="a code", info=CODE),
    PrimaryKeyConstraint("record", "number"),
    CheckConstraint("standing IN ('proposed', 'approved', 'returned')", name="master_version_standing"),
    CheckConstraint(
        "standing <> 'approved' OR decided_by IS DISTINCT FROM proposed_by", name="master_version_of_two_persons"
    ),
)

BANK_ACCOUNT: Final = Table(
    "bank_account",
    METADATA,
    Column("application_id", Uuid, ForeignKey("application.id"), primary_key=True, info=ID),
    Column("iban", LargeBinary, nullable=False, info=PERSONAL),
    Column("owner", LargeBinary, nullable=False, info=PERSONAL),
)
