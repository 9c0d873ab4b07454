"""Notifications in PostgreSQL; nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.audit import Audit
from kfi_chassis.outbox import Outbox
from kfi_chassis.transient import VersionConflict
from kfi_contracts.notifications import Channel, FailureReason, LegalEffect
from kfi_notifications import tables
from kfi_notifications.domain.notification import Notification, State

AGGREGATE: Final = "notification"
_UNSTORED: Final = {"recorded"}
COLUMNS: Final = tuple(field.name for field in fields(Notification) if field.name not in _UNSTORED)

# Built once: making a statement of twenty columns anew costs more than running it.
_ADDED: Final = insert_unless(tables.notification).on_conflict_do_nothing()
_FOUND: Final = select(*(tables.notification.c[name] for name in COLUMNS)).where(
    tables.notification.c.id.in_(bindparam("ids", expanding=True))
)
_UNSENT: Final = (
    select(*(tables.notification.c[name] for name in COLUMNS))
    .where(
        tables.notification.c.concerns == bindparam("person"),
        tables.notification.c.state.in_([State.ORDERED, State.PREPARED, State.PROVIDED, State.NOT_RETRIEVED]),
    )
    .order_by(tables.notification.c.number)
)

# Only what changes is written, all notifications in one statement; sealed content that stays is not written again.
_CHANGE: Final = text("""
    UPDATE notification SET
        version = seen + 1, sequence = events, state = new_state, failure = reason, dispatched_on = dispatched,
        announced_on = announced, remedy_ends_on = ends, period_trace = trace,
        through_inbox = inbox, provided_on = provided, retrieve_by = last_day, retrieved_on = retrieved,
        content = CASE WHEN keeps_content THEN content END
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:seen AS integer[]), CAST(:events AS integer[]), CAST(:states AS text[]),
        CAST(:failures AS text[]), CAST(:dispatched AS date[]), CAST(:announced AS date[]), CAST(:ends AS date[]),
        CAST(:traces AS text[]), CAST(:keeps AS boolean[]), CAST(:inboxes AS boolean[]), CAST(:provided AS date[]),
        CAST(:last_days AS date[]), CAST(:retrieved AS date[])
    ) AS change (change_id, seen, events, new_state, reason, dispatched, announced, ends, trace, keeps_content,
                 inbox, provided, last_day, retrieved)
    WHERE id = change_id AND version = seen
""")


class NotificationUnknown(LookupError):
    """There is no notification of this id."""


class DocumentMissing(LookupError):
    """A prepared notification has no document: the database was changed by hand."""


class Notifications:
    """The notifications of one transaction."""

    def __init__(self, connection: AsyncConnection, *, audit: Audit, outbox: Outbox) -> None:
        self._connection = connection
        self._audit = audit
        self._outbox = outbox

    async def add(self, notification: Notification) -> bool:
        """Store a new notification; False, and nothing done, when there is one of this id."""
        row = _row_of(notification) | {"version": notification.version + 1}
        if (await self._connection.execute(_ADDED, row)).rowcount == 0:
            return False
        self.record(notification, "covered" if notification.state is State.COVERED else "ordered")
        return True

    async def get(self, notification_id: UUID) -> Notification:
        """The notification of this id. Raises NotificationUnknown."""
        return (await self.get_all([notification_id]))[notification_id]

    async def get_all(self, ids: Sequence[UUID]) -> Mapping[UUID, Notification]:
        """The notifications of these ids. Raises NotificationUnknown when there is one missing."""
        notifications = {row.id: notification_of(row) for row in await self._connection.execute(_FOUND, {"ids": ids})}
        if len(notifications) < len(set(ids)):
            raise NotificationUnknown
        return notifications

    async def page(
        self, concerns: UUID, *, after: int, limit: int, of: frozenset[str] | None
    ) -> Sequence[tuple[int, Notification]]:
        """Notifications about an aggregate in order of arrival, each with its number, those after a number first.

        Only those ordered by these services; None: by any.
        """
        table = tables.notification.c
        found = (
            select(table.number, *(table[name] for name in COLUMNS))
            .where(table.concerns == concerns, table.number > after)
            .order_by(table.number)
            .limit(limit)
        )
        if of is not None:
            found = found.where(table.ordered_by.in_(sorted(of)))
        return [(row.number, notification_of(row)) for row in await self._connection.execute(found)]

    async def unsent_about(self, concerns: UUID) -> Sequence[Notification]:
        """The notifications about an aggregate that reached nobody: not sent, posted, or retrieved from an inbox."""
        return [notification_of(row) for row in await self._connection.execute(_UNSENT, {"person": concerns})]

    async def save(self, notification: Notification, action: str, *, reason: str | None = None) -> None:
        """Store the change, its audit row and its events. Raises VersionConflict when somebody else was faster."""
        await self.store([notification])
        self.record(notification, action, reason)

    async def store(self, notifications: Sequence[Notification]) -> None:
        """Store the changes of several, all or none; each is to be recorded then. Raises VersionConflict."""
        changed = await self._connection.execute(_CHANGE, _change_of(notifications))
        if changed.rowcount != len(notifications):
            raise VersionConflict

    def record(self, notification: Notification, action: str, reason: str | None = None) -> None:
        """The audit row and the events of a change that was stored."""
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


def _change_of(notifications: Sequence[Notification]) -> dict[str, list[Any]]:
    return {
        "ids": [each.id for each in notifications],
        "seen": [each.version for each in notifications],
        "events": [each.sequence for each in notifications],
        "states": [each.state.value for each in notifications],
        "failures": [each.failure for each in notifications],
        "dispatched": [each.dispatched_on for each in notifications],
        "announced": [each.announced_on for each in notifications],
        "ends": [each.remedy_ends_on for each in notifications],
        "traces": [each.period_trace for each in notifications],
        "keeps": [each.content is not None for each in notifications],
        "inboxes": [each.through_inbox for each in notifications],
        "provided": [each.provided_on for each in notifications],
        "last_days": [each.retrieve_by for each in notifications],
        "retrieved": [each.retrieved_on for each in notifications],
    }


def _row_of(notification: Notification) -> dict[str, Any]:
    return {name: getattr(notification, name) for name in COLUMNS}


def notification_of(row: Row[Any]) -> Notification:
    """A notification as its columns have it."""
    values = {name: getattr(row, name) for name in COLUMNS}
    return Notification(
        **values
        | {
            "channel": Channel(row.channel),
            "legal_effect": LegalEffect(row.legal_effect),
            "state": State(row.state),
            "failure": None if row.failure is None else FailureReason(row.failure),
        }
    )
