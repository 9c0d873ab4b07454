"""The entries of the quota ledger as people read them: in their order, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from kfi_allocation.domain.account.entries import Entry
from kfi_allocation.domain.quota_ledger import BookedBecause
from kfi_allocation.ledger_tables import BOOKING
from kfi_chassis.work import Work

_IN_ORDER: Final = select(BOOKING).order_by(BOOKING.c.number)


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry as it was booked, with its reason and when."""

    number: int
    ags: str
    on: date
    kind: Entry
    persons: int
    credit: str | None
    until: date | None
    corrects: int | None
    because: BookedBecause
    household_id: UUID | None
    booked_on: date
    recorded_at: datetime


class BookingList:
    """The entries in one transaction, read only."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def page(self, *, ags: str | None, after: int | None, rows: int) -> Sequence[Booked]:
        """Some entries in their order."""
        found = _IN_ORDER.limit(rows)
        if ags is not None:
            found = found.where(BOOKING.c.ags == ags)
        if after is not None:
            found = found.where(BOOKING.c.number > after)
        return [_booked(row) for row in await self._work.connection.execute(found)]

    async def entry(self, number: int) -> Booked:
        """One entry as it was booked."""
        return _booked((await self._work.connection.execute(select(BOOKING).where(BOOKING.c.number == number))).one())


def _booked(row: Row[Any]) -> Booked:
    said = {field.name: getattr(row, field.name) for field in fields(Booked) if field.name != "on"}
    return Booked(**said | {"on": row.counts_on, "kind": Entry(row.kind), "because": BookedBecause(row.because)})
