"""The tables of the notifications service.

notification  one order and what became of it; the content stays sealed and goes when the notification has left
document      the very file that left the house, with its digest
hold          what stays in the house until somebody releases it: a letter, a template's, a service's
delivery      the work still to do for a notification; a row waits here until its next attempt
print_batch   the letters of a working day, printed and posted together; print_batch_letter says which
retrieval     who first retrieved a letter from the inbox of an organisation, and when
consent       whether an organisation wants to be told by its inbox, and all it ever said about that
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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from kfi_chassis.privacy.columns import (
    ACCOUNT,
    CODE,
    DAY,
    DIGEST,
    ID,
    NUMBER,
    ORGANISATION,
    PERSONAL,
    SEALED,
    TEXT_OF_OURS,
)
from kfi_chassis.privacy.tables import person_tables
from kfi_chassis.tables import chassis_tables

metadata: Final = MetaData()
chassis: Final = chassis_tables(metadata)
persons: Final = person_tables(metadata)

notification: Final = Table(
    "notification",
    metadata,
    Column("id", Uuid, primary_key=True, info=ID),
    Column(
        "number",
        BigInteger,
        Identity(always=True),
        nullable=False,
        unique=True,
        comment="order of arrival",
        info=NUMBER,
    ),
    Column("version", Integer, nullable=False, info=NUMBER),
    Column("sequence", Integer, nullable=False, comment="events published so far", info=NUMBER),
    Column("state", Text, nullable=False, info=CODE),
    Column("ordered_by", Text, nullable=False, info=CODE),
    Column("concerns", Uuid, nullable=False, comment="the orderer's aggregate", info=ID),
    Column("act_id", Uuid, info=ID),
    Column("channel", Text, nullable=False, info=CODE),
    Column("legal_effect", Text, nullable=False, info=CODE),
    Column("template", Text, nullable=False, info=CODE),
    Column("template_version", Integer, nullable=False, info=NUMBER),
    Column("language", Text, nullable=False, info=CODE),
    Column("not_before", Date, info=DAY),
    Column("content_digest", Text, nullable=False, info=DIGEST),
    Column("content", Text, comment="sealed (JWE); removed when the notification has left or failed", info=SEALED),
    Column("accepted_on", Date, nullable=False, info=DAY),
    Column("dispatched_on", Date, info=DAY),
    Column("announced_on", Date, info=DAY),
    Column("remedy_ends_on", Date, info=DAY),
    Column("period_trace", Text, comment="how the period was computed", info=TEXT_OF_OURS),
    Column("failure", Text, info=CODE),
    Column("organisation", Text, comment="whose inbox it belongs to", info=ORGANISATION),
    Column(
        "through_inbox",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="provided in the inbox instead of being posted",
        info=CODE,
    ),
    Column("provided_on", Date, info=DAY),
    Column("retrieve_by", Date, comment="last day on which retrieving it announces it", info=DAY),
    Column("retrieved_on", Date, info=DAY),
    CheckConstraint(
        "state IN ('ordered', 'prepared', 'dispatched', 'announced', 'remedy-period-ended', 'failed',"
        " 'covered', 'provided', 'retrieved', 'not-retrieved', 'recalled', 'returned', 'handed-over')",
        name="notification_state",
    ),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="notification_failure"),
    CheckConstraint("(content IS NULL) = (state NOT IN ('ordered', 'prepared'))", name="notification_content"),
    CheckConstraint("NOT through_inbox OR organisation IS NOT NULL", name="notification_inbox"),
    CheckConstraint("(provided_on IS NULL) = (retrieve_by IS NULL)", name="notification_retrieval"),
    Index("notification_concerns", "concerns", "number"),
    Index("notification_inbox", "organisation", "number", postgresql_where=text("provided_on IS NOT NULL")),
)

document: Final = Table(
    "document",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True, info=ID),
    Column("media_type", Text, nullable=False, info=CODE),
    Column(
        "content", LargeBinary, comment="in the open, of an older release; moved by `privacy encrypt`", info=PERSONAL
    ),
    Column("encrypted", LargeBinary, comment="the very bytes that left the house", info=PERSONAL),
    Column("sha256", Text, nullable=False, info=DIGEST),
    Column("pages", Integer, info=NUMBER),
    Column("dated_on", Date, nullable=False, info=DAY),
    CheckConstraint("(content IS NULL) <> (encrypted IS NULL)", name="document_content"),
    Index("document_in_the_open", "notification_id", postgresql_where=text("content IS NOT NULL")),
)

hold: Final = Table(
    "hold",
    metadata,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("scope", Text, nullable=False, info=CODE),
    Column("target", Text, nullable=False, info=CODE, comment="the id of a notification, a template, or a service"),
    Column("reason", Text, nullable=False, info=CODE),
    Column("placed_on", Date, nullable=False, info=DAY),
    Column("released_on", Date, info=DAY),
    Column("version", Integer, nullable=False, info=NUMBER),
    CheckConstraint("scope IN ('notification', 'template', 'service')", name="hold_scope"),
    Index("hold_in_force", "scope", "target", unique=True, postgresql_where=text("released_on IS NULL")),
)

delivery: Final = Table(
    "delivery",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True, info=ID),
    Column("step", Text, nullable=False, info=CODE),
    Column("not_before", Date, info=DAY),
    Column("due_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("waiting_since", DateTime(timezone=True), nullable=False, server_default=func.now(), info=DAY),
    Column("attempts", Integer, nullable=False, server_default=text("0"), info=NUMBER),
    Column("obstacle", Text, comment="code of what stopped the last attempt", info=CODE),
    Column(
        "hold_id", Uuid, ForeignKey("hold.id"), comment="what holds this one back; holds of many stand in hold", info=ID
    ),
    Column("correlation_id", Text, comment="the conversation that the order belongs to", info=ID),
    Column("traceparent", Text, comment="where in its trace the order came in", info=ID),
    CheckConstraint("step IN ('prepare', 'letter', 'email', 'inbox')", name="delivery_step"),
    Index("delivery_due", "step", "due_at"),
)

print_batch: Final = Table(
    "print_batch",
    metadata,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("day", Date, nullable=False, info=DAY, comment="the working day, and the name of its folder"),
    Column("version", Integer, nullable=False, info=NUMBER),
    Column("closed_at", DateTime(timezone=True), info=DAY),
    Column("letters", Integer, info=NUMBER),
    Column("manifest_sha256", Text, info=DIGEST),
    Column("posted_on", Date, info=DAY, comment="as the print room says"),
    UniqueConstraint("day", name="print_batch_of_a_day"),
    CheckConstraint("(closed_at IS NULL) = (manifest_sha256 IS NULL)", name="print_batch_closed"),
    CheckConstraint("posted_on IS NULL OR closed_at IS NOT NULL", name="print_batch_posted"),
)

print_batch_letter: Final = Table(
    "print_batch_letter",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True, info=ID),
    Column("batch_id", Uuid, ForeignKey("print_batch.id"), nullable=False, info=ID),
    Index("print_batch_letter_batch", "batch_id"),
)

retrieval: Final = Table(
    "retrieval",
    metadata,
    Column("notification_id", Uuid, ForeignKey("notification.id"), primary_key=True, info=ID),
    Column("retrieved_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("account", Text, nullable=False, comment="the account that retrieved it first", info=ACCOUNT),
    Column("person", Text, nullable=False, comment="the id of the person behind the account", info=ACCOUNT),
)

consent: Final = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("organisation", Text, nullable=False, info=ORGANISATION),
    Column("version", Integer, nullable=False, info=NUMBER),
    Column(
        "given", Boolean, nullable=False, comment="to be told by retrieval from the inbox (§ 41 (2a) VwVfG)", info=CODE
    ),
    Column("since", Date, nullable=False, info=DAY),
    UniqueConstraint("organisation", name="consent_of_an_organisation"),
)

consent_change: Final = Table(
    "consent_change",
    metadata,
    Column("consent_id", Uuid, ForeignKey("consent.id"), primary_key=True, info=ID),
    Column("version", Integer, primary_key=True, autoincrement=False, info=NUMBER),
    Column("given", Boolean, nullable=False, info=CODE),
    Column("changed_on", Date, nullable=False, info=DAY),
    Column("changed_at", DateTime(timezone=True), nullable=False, info=DAY),
    Column("account", Text, nullable=False, comment="the account that said so", info=ACCOUNT),
    Column("person", Text, nullable=False, comment="the id of the person behind the account", info=ACCOUNT),
)
