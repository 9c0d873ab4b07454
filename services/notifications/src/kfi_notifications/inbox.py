"""What lies in the inbox of an organisation; of another one's letters it learns nothing, not even that they exist."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.clock import Clock
from kfi_chassis.identity import Principal
from kfi_notifications import tables
from kfi_notifications.domain.notification import Notification
from kfi_notifications.repository import COLUMNS, NotificationUnknown, notification_of

_TABLE: Final = tables.notification.c
_OWN: Final[ColumnElement[bool]] = and_(_TABLE.organisation == bindparam("owner"), _TABLE.provided_on.is_not(None))
_FOUND: Final = select(*(_TABLE[name] for name in COLUMNS)).where(_OWN, _TABLE.id == bindparam("wanted"))
_LOCKED: Final = _FOUND.with_for_update()
_PAGE: Final = (
    select(*(_TABLE[name] for name in COLUMNS)).where(_OWN).order_by(_TABLE.number.desc()).limit(bindparam("most"))
)
# A page begins after a message and not after its number: numbers count the letters of all organisations.
_SEEN: Final = tables.notification.alias("seen")
_LAST_SEEN: Final = (
    select(_SEEN.c.number)
    .where(_SEEN.c.organisation == bindparam("owner"), _SEEN.c.id == bindparam("last_seen"))
    .scalar_subquery()
)
_FURTHER: Final = _PAGE.where(_TABLE.number < _LAST_SEEN)


class Inbox:
    """The letters that were ever provided in the inbox of one organisation."""

    def __init__(self, connection: AsyncConnection, organisation: str) -> None:
        self._connection = connection
        self._organisation = organisation

    async def get(self, message_id: UUID, *, locked: bool = False) -> Notification:
        """The letter, if it is in this inbox. Raises NotificationUnknown."""
        asked = {"owner": self._organisation, "wanted": message_id}
        row = (await self._connection.execute(_LOCKED if locked else _FOUND, asked)).one_or_none()
        if row is None:
            raise NotificationUnknown
        return notification_of(row)

    async def page(self, *, after: UUID | None, limit: int) -> Sequence[Notification]:
        """Letters, the newest first, those that follow one."""
        asked: dict[str, object] = {"owner": self._organisation, "most": limit}
        found = _PAGE if after is None else _FURTHER
        rows = await self._connection.execute(found, asked if after is None else asked | {"last_seen": after})
        return [notification_of(row) for row in rows]

    async def note_retrieval(self, notification: Notification, by: Principal, clock: Clock) -> None:
        """Keep who retrieved a letter first, and when."""
        row = {"notification_id": notification.id, "retrieved_at": clock.now()}
        row |= {"account": by.subject, "person": by.person}
        await self._connection.execute(insert(tables.retrieval), row)
