"""Holds in PostgreSQL; nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.audit import Audit
from kfi_chassis.transient import VersionConflict
from kfi_notifications import tables
from kfi_notifications.domain.duties import service_of
from kfi_notifications.domain.hold import AlreadyHeld, Hold, HoldReason, HoldScope

AGGREGATE: Final = "hold"


class HoldUnknown(LookupError):
    """There is no hold of this id."""


class Holds:
    """The holds of one transaction."""

    def __init__(self, connection: AsyncConnection, audit: Audit) -> None:
        self._connection = connection
        self._audit = audit

    async def add(self, hold: Hold) -> None:
        """Store a new hold and its audit row. Raises AlreadyHeld when the same is held."""
        placed = insert(tables.hold).values(vars(hold)).on_conflict_do_nothing()
        if (await self._connection.execute(placed)).rowcount == 0:
            raise AlreadyHeld
        self._record(hold, "held")

    async def get(self, hold_id: UUID, *, seen_version: int | None = None) -> Hold:
        """The hold of this id, locked. Raises HoldUnknown, VersionConflict."""
        found = select(tables.hold).where(tables.hold.c.id == hold_id).with_for_update()
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise HoldUnknown
        if seen_version is not None and row.version != seen_version:
            raise VersionConflict(retry=False)
        return _hold_of(row)

    async def on_notification(self, notification_id: UUID) -> Hold | None:
        """The hold on this very notification, when there is one in force."""
        table = tables.hold.c
        found = select(tables.hold).where(
            table.scope == HoldScope.NOTIFICATION, table.target == str(notification_id), table.released_on.is_(None)
        )
        row = (await self._connection.execute(found)).one_or_none()
        return None if row is None else _hold_of(row)

    async def in_force(self, *, after: UUID | None, limit: int) -> Sequence[Hold]:
        """The holds in force, by their id, those after an id first."""
        table = tables.hold.c
        found = select(tables.hold).where(table.released_on.is_(None)).order_by(table.id).limit(limit)
        if after is not None:
            found = found.where(table.id > after)
        return [_hold_of(row) for row in await self._connection.execute(found)]

    async def orderers(self, holds: Sequence[Hold]) -> Mapping[UUID, str]:
        """The services whose letters they hold, by the id of the hold."""
        table = tables.notification.c
        single = [UUID(hold.target) for hold in holds if hold.scope is HoldScope.NOTIFICATION]
        found = select(table.id, table.ordered_by).where(table.id.in_(single))
        ordered = {str(row.id): row.ordered_by for row in await self._connection.execute(found)} if single else {}
        return {hold.id: _orderer(hold, ordered) for hold in holds}

    async def release(self, hold: Hold) -> None:
        """Store that a hold is over, with its audit row."""
        hold.version += 1
        table = tables.hold
        changed = update(table).where(table.c.id == hold.id).values(released_on=hold.released_on, version=hold.version)
        await self._connection.execute(changed)
        self._record(hold, "released")

    def _record(self, hold: Hold, action: str) -> None:
        self._audit.add(
            aggregate=AGGREGATE,
            aggregate_id=hold.id,
            version=hold.version,
            action=action,
            reason=hold.reason,
            details={"scope": hold.scope, "target": hold.target},
        )


def _orderer(hold: Hold, ordered: Mapping[str, str]) -> str:
    if hold.scope is HoldScope.NOTIFICATION:
        return ordered[hold.target]
    return hold.target if hold.scope is HoldScope.SERVICE else service_of(hold.target)


def _hold_of(row: Row[Any]) -> Hold:
    values = dict(row._mapping)
    return Hold(**values | {"scope": HoldScope(row.scope), "reason": HoldReason(row.reason)})
