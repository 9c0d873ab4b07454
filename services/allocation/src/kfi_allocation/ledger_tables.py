"""The tables of the two ledgers. Rows are only added: triggers of the database number them and refuse the rest."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, ID, NUMBER

LEDGER: Final = Table(
    "ledger",
    METADATA,
    Column("name", Text, primary_key=True, info=CODE),
    Column("last", BigInteger, nullable=False, comment="the last number given", info=NUMBER),
)

BOOKING: Final = Table(
    "booking",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1 without gaps", info=NUMBER),
    Column("ags", Text, nullable=False, info=CODE),
    Column("counts_on", Date, nullable=False, comment="from which day on", info=DAY),
    Column("kind", Text, nullable=False, info=CODE),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("credit", Text, comment="a credit of the policy", info=CODE),
    Column("until", Date, comment="the last day of a credit that ends early", info=DAY),
    Column("corrects", BigInteger, ForeignKey("booking.number"), comment="the number of the entry", info=NUMBER),
    Column("because", Text, nullable=False, comment="a code", info=CODE),
    Column("household_id", Uuid, info=ID),
    Column("booked_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("booked_on", Date, nullable=False, info=DAY),
    Column("recorded_at", DateTime(timezone=True), nullable=False, info=DAY),
    CheckConstraint("kind IN ('intake', 'credit', 'correction')", name="booking_kind"),
    CheckConstraint("(kind = 'correction') = (corrects IS NOT NULL)", name="booking_corrects"),
    CheckConstraint("(kind = 'credit') = (credit IS NOT NULL)", name="booking_credit"),
    CheckConstraint("kind = 'correction' OR persons >= 0", name="booking_persons"),
)
Index("booking_of", BOOKING.c.ags, BOOKING.c.number)
Index("booking_home", BOOKING.c.household_id, postgresql_where=BOOKING.c.household_id.is_not(None))
Index("booking_corrected", BOOKING.c.corrects, postgresql_where=BOOKING.c.corrects.is_not(None))

PRESENCE: Final = Table(
    "presence",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1 without gaps", info=NUMBER),
    Column("household_id", Uuid, nullable=False, info=ID),
    Column("ags", Text, nullable=False, info=CODE),
    Column("counts_on", Date, nullable=False, comment="from which day on; of a birth a head count after it", info=DAY),
    Column("happened", Text, nullable=False, info=CODE),
    Column("persons", Integer, nullable=False, comment="more, or fewer below 0", info=NUMBER),
    Column(
        "cohort",
        BigInteger,
        ForeignKey("presence.number"),
        comment="the entry that brought them; none: this one",
        info=NUMBER,
    ),
    Column("counts_from", Date, comment="of a new cohort", info=DAY),
    Column("counts_before", Date, comment="of a new cohort", info=DAY),
    Column("corrects", BigInteger, ForeignKey("presence.number"), comment="the number of the entry", info=NUMBER),
    Column("booked_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("booked_on", Date, nullable=False, info=DAY),
    Column("recorded_at", DateTime(timezone=True), nullable=False, info=DAY),
    CheckConstraint("(happened = 'corrected') = (corrects IS NOT NULL)", name="presence_corrects"),
    CheckConstraint("(happened IN ('arrived', 'born')) = (cohort IS NULL)", name="presence_cohort"),
)
Index("presence_home", PRESENCE.c.household_id, PRESENCE.c.number)
Index("presence_of", PRESENCE.c.ags, PRESENCE.c.number)

PRESENCE_TASK: Final = Table(
    "presence_task",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    Column("position", BigInteger, nullable=False, unique=True, comment="the entry it is about", info=NUMBER),
    Column("household_id", Uuid, nullable=False, info=ID),
    Column("ags", Text, nullable=False, info=CODE),
    Column("announced", Integer, nullable=False, comment="persons", info=NUMBER),
    Column("confirmed", Integer, nullable=False, comment="persons", info=NUMBER),
    Column("noticed_on", Date, nullable=False, info=DAY),
    Column("settled_as", Text, comment="a code", info=CODE),
    Column("settled_by", Text, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("settled_on", Date, info=DAY),
    Column("version", BigInteger, nullable=False, comment="counts steps; the ETag", info=NUMBER),
)
