"""The tables of lists of arrivals and of the households they announce."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, DIGEST, ID, NUMBER, OPEN_FACTS, PERSONAL, TEXT_OF_OURS

ARRIVAL_LIST: Final = Table(
    "arrival_list",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of receipt", info=NUMBER),
    Column("root_id", Uuid, nullable=False, comment="the first list of a chain of corrections", info=ID),
    Column("corrects", Uuid, ForeignKey("arrival_list.id"), info=ID),
    Column("source", Text, nullable=False, comment="who sends such lists", info=CODE),
    Column("mapping", Text, nullable=False, info=CODE),
    Column("mapping_document", JSONB, nullable=False, comment="as it was then", info=TEXT_OF_OURS),
    Column("kind", Text, nullable=False, comment="media type", info=CODE),
    Column("encoding", Text, nullable=False, info=CODE),
    Column("separator", Text, nullable=False, info=CODE),
    Column("said", JSONB, nullable=False, comment="values for all rows, control totals", info=OPEN_FACTS),
    Column("size", BigInteger, nullable=False, comment="bytes", info=NUMBER),
    Column("sha256", Text, nullable=False, info=DIGEST),
    Column("asked", Text, nullable=False, comment="of the file and all that was said with it", info=DIGEST),
    Column("uploaded_by", Text, nullable=False, info=ACCOUNT),
    Column("uploaded_on", Date, nullable=False, info=DAY),
    Column("state", Text, nullable=False, info=CODE),
    Column("version", BigInteger, nullable=False, comment="the ETag; progress does not count", info=NUMBER),
    Column("whole", Boolean, nullable=False, info=CODE),
    Column("found", JSONB, nullable=False, comment="counts of what was read", info=OPEN_FACTS),
    Column("done", JSONB, nullable=False, comment="counts of what was imported", info=OPEN_FACTS),
    Column("ended_on", Date, info=DAY),
    Column("file_deleted_on", Date, info=DAY),
    CheckConstraint(
        "state IN ('received', 'read', 'unreadable', 'importing', 'imported', 'discarded')", name="arrival_list_state"
    ),
    Index("arrival_list_once", "source", "asked", unique=True, postgresql_where=text("state <> 'discarded'")),
    Index("arrival_list_corrected_once", "corrects", unique=True, postgresql_where=text("state <> 'discarded'")),
    Index("arrival_list_at_work", "position", postgresql_where=text("state IN ('received', 'importing')")),
)

ARRIVAL_PART: Final = Table(
    "arrival_part",
    METADATA,
    Column("list_id", Uuid, ForeignKey("arrival_list.id"), nullable=False, info=ID),
    Column("number", Integer, nullable=False, comment="counts the parts of the file from 1", info=NUMBER),
    Column(
        "content", LargeBinary, nullable=False, comment="a part of the file, under the key of the list", info=PERSONAL
    ),
    PrimaryKeyConstraint("list_id", "number"),
)

ARRIVAL_ENTRY: Final = Table(
    "arrival_entry",
    METADATA,
    Column("list_id", Uuid, ForeignKey("arrival_list.id"), nullable=False, info=ID),
    Column("number", Integer, nullable=False, comment="the order of the list", info=NUMBER),
    Column("reference", Text, nullable=False, comment="of the household at its source", info=ID),
    Column("line", Integer, nullable=False, comment="where it begins; 0 when the list is silent", info=NUMBER),
    Column("difference", Text, nullable=False, info=CODE),
    Column("changes", JSONB, nullable=False, comment="by field; none of what is personal", info=OPEN_FACTS),
    Column("household_id", Uuid, info=ID),
    Column("outcome", Text, info=CODE),
    Column("refusal", Text, comment="the rule that forbade it", info=CODE),
    Column("content", LargeBinary, comment="the household as read, until it is imported", info=PERSONAL),
    PrimaryKeyConstraint("list_id", "number"),
    Index("arrival_entry_reference", "list_id", "reference", unique=True),
    Index("arrival_entry_of_household", "household_id"),
    Index("arrival_entry_open", "list_id", "number", postgresql_where=text("outcome IS NULL")),
)

ARRIVAL_MISTAKE: Final = Table(
    "arrival_mistake",
    METADATA,
    Column("list_id", Uuid, ForeignKey("arrival_list.id"), nullable=False, info=ID),
    Column("number", Integer, nullable=False, comment="the order in which they were found", info=NUMBER),
    Column("line", Integer, nullable=False, comment="0 is the file as a whole", info=NUMBER),
    Column("field", Text, nullable=False, info=CODE),
    Column("fault", Text, nullable=False, info=CODE),
    Column("severity", Text, nullable=False, info=CODE),
    Column("suggestions", ARRAY(Text), nullable=False, comment="names of the register", info=TEXT_OF_OURS),
    PrimaryKeyConstraint("list_id", "number"),
)

HOUSEHOLD: Final = Table(
    "household",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of receipt", info=NUMBER),
    Column("list_id", Uuid, ForeignKey("arrival_list.id"), nullable=False, info=ID),
    Column("source", Text, nullable=False, info=CODE),
    Column("reference", Text, nullable=False, comment="at its source; no name has its form", info=ID),
    Column("group_code", Text, nullable=False, comment="of § 14 TIntG", info=CODE),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("adults", Integer, nullable=False, info=NUMBER),
    Column("children", Integer, nullable=False, info=NUMBER),
    Column("school_children", Integer, nullable=False, info=NUMBER),
    Column("needs", ARRAY(Text), nullable=False, info=CODE),
    Column("languages", ARRAY(Text), nullable=False, info=CODE),
    Column("relatives_in", Text, comment="AGS", info=CODE),
    Column("must_join", Boolean, nullable=False, info=CODE),
    Column("wishes", ARRAY(Text), nullable=False, comment="AGS, the dearest first", info=CODE),
    Column("arrival_on", Date, info=DAY),
    Column("charter", Text, info=CODE),
    Column("members", LargeBinary, nullable=False, comment="names, days of birth, kinship", info=PERSONAL),
    Column("contact", LargeBinary, nullable=False, info=PERSONAL),
    Column("announced_on", Date, nullable=False, info=DAY),
    Column("cancelled_on", Date, info=DAY),
    Column("erased_on", Date, info=DAY),
    Column("version", BigInteger, nullable=False, info=NUMBER),
    CheckConstraint("persons BETWEEN 1 AND 39 AND adults + children = persons", name="household_persons"),
    CheckConstraint("relatives_in IS NOT NULL OR NOT must_join", name="household_must_join"),
    Index("household_position", "position"),
    Index("household_of_list", "list_id", "position"),
    Index(
        "household_once", "source", "reference", unique=True,
        postgresql_where=text("cancelled_on IS NULL AND erased_on IS NULL"),
    ),
)  # fmt: skip
