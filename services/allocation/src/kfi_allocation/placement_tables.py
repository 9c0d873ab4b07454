"""The tables of placements, and of the notices to towns."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kfi_allocation.tables import METADATA
from kfi_chassis.privacy.columns import CODE, DAY, ID, NUMBER, OPEN_FACTS, PERSONAL

PLACEMENT: Final = Table(
    "placement",
    METADATA,
    Column("id", Uuid, primary_key=True, comment="the household's", info=ID),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="the order of receipt", info=NUMBER),
    Column("list_id", Uuid, nullable=False, info=ID),
    Column("group_code", Text, nullable=False, info=CODE),
    Column("persons", Integer, nullable=False, info=NUMBER),
    Column("arrival_on", Date, info=DAY),
    Column("announced_on", Date, nullable=False, info=DAY),
    Column("state", Text, nullable=False, info=CODE),
    Column("version", BigInteger, nullable=False, info=NUMBER),
    Column("sequence", BigInteger, nullable=False, comment="published events", info=NUMBER),
    Column("run_id", Uuid, info=ID),
    Column("ags", Text, comment="the town of now", info=CODE),
    Column("proposed_on", Date, info=DAY),
    Column("object_until", Date, info=DAY),
    Column("town_agreed_on", Date, info=DAY),
    Column("objected_on", Date, comment="the day of the open objection", info=DAY),
    Column("excluded", ARRAY(Text), nullable=False, comment="towns whose objection was upheld", info=CODE),
    Column("fixed", Boolean, nullable=False, comment="a planner and no plan named the town", info=CODE),
    Column("agreed_on", Date, info=DAY),
    Column("arrived_on", Date, info=DAY),
    Column("cancelled_on", Date, info=DAY),
    Column("decisions", JSONB, nullable=False, comment="codes and days of each decision", info=OPEN_FACTS),
    Column("letters", JSONB, nullable=False, comment="codes and days of each letter", info=OPEN_FACTS),
    Column("waits_for", Text, info=CODE),
    Column("due_on", Date, info=DAY),
    Column("erased_on", Date, info=DAY),
    Column("file", LargeBinary, comment="hearings, objections, drafts, reasons", info=PERSONAL),
)
Index("placement_due", PLACEMENT.c.due_on, PLACEMENT.c.position, postgresql_where=PLACEMENT.c.due_on.is_not(None))
Index("placement_of_town", PLACEMENT.c.ags, PLACEMENT.c.state)
Index("placement_of_list", PLACEMENT.c.list_id)
Index("placement_of_run", PLACEMENT.c.run_id)
Index("placement_position", PLACEMENT.c.position)
Index("placement_in_state", PLACEMENT.c.state, PLACEMENT.c.position)

TOWN_NOTICE: Final = Table(
    "town_notice",
    METADATA,
    Column("id", Uuid, primary_key=True, comment="the notification", info=ID),
    Column("concerns", Uuid, nullable=False, comment="the run or the household", info=ID),
    Column("occasion", Text, nullable=False, info=CODE),
    Column("ags", Text, nullable=False, info=CODE),
    Column("placements", Integer, nullable=False, info=NUMBER),
    Column("object_until", Date, info=DAY),
    Column("ordered_on", Date, nullable=False, info=DAY),
    Column("failed", Text, comment="a code; none while it is on its way or has arrived", info=CODE),
)
Index(
    "town_notice_failed", TOWN_NOTICE.c.ordered_on, TOWN_NOTICE.c.id, postgresql_where=TOWN_NOTICE.c.failed.is_not(None)
)
