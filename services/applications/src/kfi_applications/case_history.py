"""The history of a case, read from its audit: every change, and where asked for every look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kfi_applications.repository import AGGREGATE
from kfi_applications.tables import CHASSIS
from kfi_chassis.work import Work

_ROWS: Final = (
    select(
        CHASSIS.audit.c.number,
        CHASSIS.audit.c.recorded_at,
        CHASSIS.audit.c.action,
        CHASSIS.audit.c.person,
        CHASSIS.audit.c.reason,
        CHASSIS.audit.c.version,
        CHASSIS.audit.c.details,
    )
    .where(CHASSIS.audit.c.aggregate == AGGREGATE)
    .order_by(CHASSIS.audit.c.number)
)


@dataclass(frozen=True)
class Happened:
    """One row: what was done, by which person, when, why (a code), and the version the case had then."""

    number: int
    recorded_at: datetime
    action: str
    person: str
    reason: str | None
    version: int
    details: dict[str, str]


class CaseHistory:
    """The histories of one transaction, read only."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def page(self, application_id: UUID, *, looks: bool, after: int | None, rows: int) -> Sequence[Happened]:
        """Some rows in their order; without ``looks`` only what changed."""
        found = _ROWS.where(CHASSIS.audit.c.aggregate_id == application_id).limit(rows)
        if not looks:
            found = found.where(CHASSIS.audit.c.action.not_like("read%"))
        if after is not None:
            found = found.where(CHASSIS.audit.c.number > after)
        return [Happened(**row._asdict()) for row in await self._work.connection.execute(found)]
