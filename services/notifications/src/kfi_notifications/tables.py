"""The tables of the notifications service.

notification  one order and what became of it; the content stays sealed and goes when the notification has left
document      the very file that left the house, with its digest
delivery      the work still to do for a notification; a row waits here until its next attempt
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
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
    Uuid,
    func,
    text,
)

from kfi_chassis.tables import chassis_tables

metadata: Final = MetaData()
chassis: Final = chassis_tables(metadata)

notification: Final = Table(
    "notification",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True, comment="order of arrival"),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False, comment="events published so far"),
    Column("state", Text, nullable=False),
    Column("ordered_by", Text, nullable=False),
    Column("concerns", Uuid, nullable=False, comment="the orderer's aggregate"),
    Column("act_id", Uuid),
    Column("channel", Text, nullable=False),
    Column("legal_effect", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("not_before", Date),
    Column("content_digest", Text, nullable=False),
    Column("content", Text, comment="sealed (JWE); removed when the notification has left or failed"),
    Column("accepted_on", Date, nullable=False),
    Column("dispatched_on", Date),
    Column("announced_on", Date),
    Column("remedy_ends_on", Date),
    Column("period_trace", Text, comment="how the period was computed"),
    Column("failure", Text),
    CheckConstraint(
        "state IN ('ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed')",
        name="notification_state",
    ),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="notification_failure"),
    CheckConstraint("(content IS NULL) = (state NOT IN ('ordered', 'prepared'))", name="notification_content"),
    Index("notification_concerns", "concerns", "number"),
)

document: Final = Table(
    "document",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False, comment="personal; the very bytes that left the house"),
    Column("sha256", Text, nullable=False),
    Column("pages", Integer),
    Column("dated_on", Date, nullable=False),
)

delivery: Final = Table(
    "delivery",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True),
    Column("step", Text, nullable=False),
    Column("not_before", Date),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("waiting_since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("obstacle", Text, comment="code of what stopped the last attempt"),
    CheckConstraint("step IN ('prepare', 'letter', 'email')", name="delivery_step"),
    Index("delivery_due", "step", "due_at"),
)
