"""The tables of what towns say of themselves."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Identity, Index, Integer, Table, Text, Uuid
from sqlalchemy import UniqueConstraint as Unique

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import ACCOUNT, CODE, DAY, ID, NUMBER


def _position() -> Column[int]:
    return Column("position", BigInteger, Identity(always=True), nullable=False, comment="for lists", info=NUMBER)


def _version() -> Column[int]:
    return Column("version", BigInteger, nullable=False, comment="counts steps; the ETag", info=NUMBER)


TOWN_CAPACITY: Final = Table(
    "town_capacity",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    _position(),
    Column("ags", Text, nullable=False, info=CODE),
    Column("number", Integer, nullable=False, comment="counts the statements of the town", info=NUMBER),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("valid_from", Date, nullable=False, info=DAY),
    Column("valid_until", Date, info=DAY),
    Column("stated_on", Date, nullable=False, info=DAY),
    Column("stated_by", Text, nullable=False, comment="a person as in the audit, no name", info=ACCOUNT),
    _version(),
    Unique("ags", "number", name="town_capacity_number"),
    CheckConstraint("persons >= 0", name="town_capacity_not_negative"),
)

TOWN_STOP: Final = Table(
    "town_stop",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    _position(),
    Column("ags", Text, nullable=False, info=CODE),
    Column("first_day", Date, nullable=False, info=DAY),
    Column("last_day", Date, nullable=False, info=DAY),
    Column("reason", Text, nullable=False, info=CODE),
    Column("asked_on", Date, nullable=False, info=DAY),
    Column("state", Text, nullable=False, info=CODE),
    Column("decided_by", Text, comment="a person as in the audit, no name", info=ACCOUNT),
    Column("decided_on", Date, info=DAY),
    Column("refused_because", Text, comment="a code", info=CODE),
    Column("ended_on", Date, info=DAY),
    _version(),
    CheckConstraint("state <> 'approved' OR decided_by IS NOT NULL", name="town_stop_approved_by_somebody"),
)
Index("town_stop_of", TOWN_STOP.c.ags, TOWN_STOP.c.position)

FLAT_OFFER: Final = Table(
    "flat_offer",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    _position(),
    Column("ags", Text, nullable=False, info=CODE),
    Column("persons", Integer, nullable=False, comment="for how many", info=NUMBER),
    Column("square_metres", Integer, nullable=False, info=NUMBER),
    Column("barrier_free", Boolean, nullable=False, info=CODE),
    Column("free_from", Date, nullable=False, info=DAY),
    Column("offered_on", Date, nullable=False, info=DAY),
    Column("state", Text, nullable=False, info=CODE),
    Column("household_id", Uuid, comment="whose it is once it is reserved", info=ID),
    _version(),
    CheckConstraint("persons > 0 AND square_metres > 0", name="flat_offer_has_a_size"),
    CheckConstraint(
        "state NOT IN ('reserved', 'taken') OR household_id IS NOT NULL", name="flat_offer_reserved_for_somebody"
    ),
)
Index("flat_offer_of", FLAT_OFFER.c.ags, FLAT_OFFER.c.position)
Index("flat_offer_home", FLAT_OFFER.c.household_id, postgresql_where=FLAT_OFFER.c.household_id.is_not(None))

CARE_OFFER: Final = Table(
    "care_offer",
    METADATA,
    Column("id", Uuid, primary_key=True, info=ID),
    _position(),
    Column("ags", Text, nullable=False, info=CODE),
    Column("offers", Text, nullable=False, comment="a word of the needs of households", info=CODE),
    Column("first_day", Date, nullable=False, info=DAY),
    Column("last_day", Date, info=DAY),
    Column("stated_on", Date, nullable=False, info=DAY),
    Column("withdrawn_on", Date, info=DAY),
    _version(),
)
Index("care_offer_of", CARE_OFFER.c.ags, CARE_OFFER.c.position)
