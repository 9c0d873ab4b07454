"""The table of the corrections of decisions."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, DIGEST, ID, NUMBER, PERSONAL


def correction_table(metadata: MetaData) -> Table:
    """The corrections, in the metadata of the service."""
    return Table(
        "correction",
        metadata,
        Column("id", Uuid, primary_key=True, info=ID, comment="the id of the act"),
        Column("application_id", Uuid, ForeignKey("application.id"), nullable=False, info=ID),
        Column("number", Integer, nullable=False, info=NUMBER, comment="counts the corrections of a case"),
        Column("version", BigInteger, nullable=False, info=NUMBER, comment="counts saves; the ETag"),
        Column("state", Text, nullable=False, info=CODE),
        Column("text", LargeBinary, nullable=False, info=PERSONAL, comment="points, reasons, legal basis, who signed"),
        Column("proposed_by", Text, nullable=False, info=ACCOUNT),
        Column("proposed_on", Date, nullable=False, info=DAY),
        Column("signed_by", Text, info=ACCOUNT),
        Column("decided_on", Date, info=DAY),
        Column("letter_id", Uuid, info=ID),
        Column("letter_digest", Text, info=DIGEST),
        Column("announced_on", Date, info=DAY),
        Column("remedy_ends_on", Date, info=DAY),
        Column("final_on", Date, info=DAY),
        Column("failure", Text, info=CODE),
        UniqueConstraint("application_id", "number", name="correction_of_case"),
    )
