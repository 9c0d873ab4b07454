"""The e-mails that asked towns to look behind the gateway; what failed is left to a planner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.types import Date, Uuid

from kfi_allocation.letters import LetterOrders
from kfi_allocation.office import OfficeTexts
from kfi_allocation.placement_tables import TOWN_NOTICE
from kfi_allocation.town_mails import town_notice
from kfi_chassis.work import Work
from kfi_contracts.allocation_letters import NoticeOccasion

_FAILED: Final = (
    select(TOWN_NOTICE).where(TOWN_NOTICE.c.failed.is_not(None)).order_by(TOWN_NOTICE.c.ordered_on, TOWN_NOTICE.c.id)
)


class UnknownNotice(LookupError):
    """There is no such notice, or it did not fail."""


@dataclass(frozen=True, slots=True)
class TownNotice:
    """One e-mail; ``concerns`` is the run or the household it is about, ``failed`` a code."""

    id: UUID
    concerns: UUID
    occasion: NoticeOccasion
    ags: str
    placements: int
    object_until: date | None
    ordered_on: date
    failed: str | None = None


class TownNotices:
    """The notices of one transaction."""

    def __init__(self, work: Work, letters: LetterOrders, office: OfficeTexts) -> None:
        self._work, self._letters, self._office = work, letters, office

    async def order(
        self, ags: str, occasion: NoticeOccasion, *, concerns: UUID, placements: int = 1,
        object_until: date | None = None,
    ) -> None:  # fmt: skip
        """Tell a town by e-mail, where the office knows a mailbox of it; its feed tells it in any case."""
        if ags in self._office.town_mailboxes:
            today = self._work.calendar.today()
            await self._send(TownNotice(uuid4(), concerns, occasion, ags, placements, object_until, today))

    async def order_again(self, notice_id: UUID) -> UUID:
        """The same once more, after it failed. Raises UnknownNotice."""
        asked = _FAILED.where(TOWN_NOTICE.c.id == notice_id).with_for_update()
        row = (await self._work.connection.execute(asked)).one_or_none()
        if row is None or row.ags not in self._office.town_mailboxes:
            raise UnknownNotice
        await self._mark(notice_id, None)
        known = row._asdict() | {"id": uuid4(), "ordered_on": self._work.calendar.today(), "failed": None}
        again = TownNotice(**known | {"occasion": NoticeOccasion(row.occasion)})
        await self._send(again)
        return again.id

    async def record_failed(self, notice_id: UUID, reason: str) -> None:
        """It did not get out; e-mails of others are not known here and are no error."""
        await self._mark(notice_id, reason)

    async def failed(self, *, after: tuple[date, UUID] | None, rows: int) -> Sequence[TownNotice]:
        """Those that failed and were not ordered again, the oldest first."""
        asked = _FAILED.limit(rows)
        if after is not None:
            place = tuple_(TOWN_NOTICE.c.ordered_on, TOWN_NOTICE.c.id)
            asked = asked.where(place > tuple_(bindparam("day", after[0], Date), bindparam("last", after[1], Uuid)))
        found = await self._work.connection.execute(asked)
        return [TownNotice(**row._asdict() | {"occasion": NoticeOccasion(row.occasion)}) for row in found]

    async def _mark(self, notice_id: UUID, reason: str | None) -> None:
        changed = update(TOWN_NOTICE).where(TOWN_NOTICE.c.id == notice_id).values(failed=reason)
        await self._work.connection.execute(changed)

    async def _send(self, notice: TownNotice) -> None:
        content = town_notice(
            notice.ags,
            self._office.town_mailboxes[notice.ags],
            occasion=notice.occasion,
            placements=notice.placements,
            reference=f"{notice.ags}-{notice.concerns}",
            object_until=notice.object_until,
        )
        self._letters.mail(content, concerns=notice.concerns, notification_id=notice.id)
        values = {name: getattr(notice, name) for name in TownNotice.__slots__} | {"occasion": notice.occasion.value}
        await self._work.connection.execute(insert(TOWN_NOTICE), values)
