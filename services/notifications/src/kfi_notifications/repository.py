"""Notifications and their documents in PostgreSQL; nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.audit import Audit
from kfi_chassis.outbox import Outbox
from kfi_chassis.transient import VersionConflict
from kfi_contracts.notifications import Channel, FailureReason, LegalEffect
from kfi_notifications import tables
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification, State

AGGREGATE: Final = "notification"
_UNSTORED: Final = {"recorded"}
_COLUMNS: Final = tuple(field.name for field in fields(Notification) if field.name not in _UNSTORED)


class NotificationUnknown(LookupError):
    """There is no notification of this id."""


class Notifications:
    """The notifications of one transaction."""

    def __init__(self, connection: AsyncConnection, *, audit: Audit, outbox: Outbox) -> None:
        self._connection = connection
        self._audit = audit
        self._outbox = outbox

    async def add(self, notification: Notification) -> bool:
        """Store a new notification; False, and nothing done, when there is one of this id."""
        row = _row_of(notification) | {"version": notification.version + 1}
        statement = insert_unless(tables.notification).values(row).on_conflict_do_nothing()
        if (await self._connection.execute(statement)).rowcount == 0:
            return False
        self._record(notification, "ordered", None)
        return True

    async def get(self, notification_id: UUID) -> Notification:
        """The notification of this id. Raises NotificationUnknown."""
        table = tables.notification.c
        found = select(*(table[name] for name in _COLUMNS)).where(table.id == notification_id)
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise NotificationUnknown
        return _notification_of(row)

    async def page(self, concerns: UUID, *, after: int, limit: int) -> Sequence[tuple[int, Notification]]:
        """Notifications about an aggregate in order of arrival, each with its number, those after a number first."""
        table = tables.notification.c
        found = (
            select(table.number, *(table[name] for name in _COLUMNS))
            .where(table.concerns == concerns, table.number > after)
            .order_by(table.number)
            .limit(limit)
        )
        return [(row.number, _notification_of(row)) for row in await self._connection.execute(found)]

    async def save(self, notification: Notification, action: str, *, reason: str | None = None) -> None:
        """Store the change, its audit row and its events. Raises VersionConflict when somebody else was faster."""
        table = tables.notification
        changed = (
            update(table)
            .where(table.c.id == notification.id, table.c.version == notification.version)
            .values(_row_of(notification) | {"version": notification.version + 1})
        )
        if (await self._connection.execute(changed)).rowcount == 0:
            raise VersionConflict
        self._record(notification, action, reason)

    def _record(self, notification: Notification, action: str, reason: str | None) -> None:
        notification.version += 1
        self._audit.add(
            aggregate=AGGREGATE,
            aggregate_id=notification.id,
            version=notification.version,
            action=action,
            reason=reason,
        )
        for sequence, event in notification.recorded:
            self._outbox.add(event, sequence=sequence)
        notification.recorded.clear()


class Documents:
    """The files of notifications; written once."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep(self, notification_id: UUID, document: StoredDocument) -> None:
        """Store the file that will leave the house."""
        values = {"notification_id": notification_id} | vars(document)
        await self._connection.execute(insert(tables.document).values(values))

    async def get(self, notification_id: UUID) -> StoredDocument | None:
        """The file of a notification, once it is prepared."""
        table = tables.document.c
        found = select(table.media_type, table.content, table.sha256, table.pages, table.dated_on)
        row = (await self._connection.execute(found.where(table.notification_id == notification_id))).one_or_none()
        return None if row is None else StoredDocument(*row)

    async def digests(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The digests of the files of several notifications."""
        table = tables.document.c
        found = select(table.notification_id, table.sha256).where(table.notification_id.in_(ids))
        return {row.notification_id: row.sha256 for row in await self._connection.execute(found)}


def _row_of(notification: Notification) -> dict[str, Any]:
    return {name: getattr(notification, name) for name in _COLUMNS}


def _notification_of(row: Row[Any]) -> Notification:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Notification(
        **values
        | {
            "channel": Channel(row.channel),
            "legal_effect": LegalEffect(row.legal_effect),
            "state": State(row.state),
            "failure": None if row.failure is None else FailureReason(row.failure),
        }
    )
