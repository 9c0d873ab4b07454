"""The tables of attachments: what is known of each, and its content in parts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from kfi_chassis.privacy.columns import CODE, DAY, DIGEST, ID, NUMBER, PERSONAL


def attachment_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Declare both tables in the service's MetaData: ``attachment`` and ``attachment_part``."""
    return _attachment(metadata), _part(metadata)


def _attachment(metadata: MetaData) -> Table:
    return Table(
        "attachment",
        metadata,
        Column("id", Uuid, primary_key=True, info=ID),
        Column("application_id", Uuid, ForeignKey("application.id"), nullable=False, info=ID),
        Column("number", Integer, nullable=False, info=NUMBER, comment="counts the attachments of the case from 1"),
        Column("version", BigInteger, nullable=False, info=NUMBER, comment="the ETag"),
        Column("name", LargeBinary, nullable=False, info=PERSONAL, comment="how the sender called it"),
        Column("kind", Text, nullable=False, info=CODE, comment="media type, proved by the content"),
        Column("size", BigInteger, nullable=False, info=NUMBER, comment="bytes"),
        Column("sha256", Text, nullable=False, info=DIGEST),
        Column("scan", Text, nullable=False, info=CODE),
        Column("source", Text, nullable=False, info=CODE),
        Column("added_on", Date, nullable=False, info=DAY),
        Column("removed_on", Date, info=DAY),
        Column("removal_reason", Text, info=CODE),
        UniqueConstraint("application_id", "number", name="attachment_number"),
        CheckConstraint("number > 0 AND size > 0", name="attachment_of_something"),
        CheckConstraint("scan IN ('clean', 'unscanned')", name="attachment_scan"),
        CheckConstraint("source IN ('applicant', 'authority')", name="attachment_source"),
        CheckConstraint("(removed_on IS NULL) = (removal_reason IS NULL)", name="attachment_removed"),
    )


def _part(metadata: MetaData) -> Table:
    return Table(
        "attachment_part",
        metadata,
        Column("attachment_id", Uuid, ForeignKey("attachment.id"), nullable=False, info=ID),
        Column("number", Integer, nullable=False, info=NUMBER, comment="counts the parts of the file from 1"),
        Column("content", LargeBinary, nullable=False, info=PERSONAL, comment="a part of the file as it came"),
        PrimaryKeyConstraint("attachment_id", "number"),
    )
