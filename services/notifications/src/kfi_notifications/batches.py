"""Print batches in PostgreSQL; nothing here commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.audit import Audit
from kfi_chassis.transient import VersionConflict
from kfi_notifications import tables
from kfi_notifications.domain.print_batch import BatchLetter, PrintBatch

AGGREGATE: Final = "print-batch"


class BatchUnknown(LookupError):
    """There is no batch of this id."""


@dataclass(frozen=True)
class Unacknowledged:
    """How many closed batches nobody has acknowledged, and since when the oldest was closed."""

    count: int
    since: datetime | None


class Batches:
    """The print batches of one transaction."""

    def __init__(self, connection: AsyncConnection, audit: Audit) -> None:
        self._connection = connection
        self._audit = audit

    async def joined(self, day: date) -> PrintBatch:
        """The batch of a day, made when there is none; it is not closed before this transaction ends."""
        table = tables.print_batch
        made = insert_unless(table).values(id=uuid4(), day=day, version=1).on_conflict_do_nothing()
        await self._connection.execute(made)
        row = (await self._connection.execute(select(table).where(table.c.day == day).with_for_update(read=True))).one()
        return _batch_of(row)

    async def get(self, batch_id: UUID, *, seen_version: int | None = None) -> PrintBatch:
        """The batch of this id, locked. Raises BatchUnknown, VersionConflict."""
        table = tables.print_batch
        found = select(table).where(table.c.id == batch_id).with_for_update()
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise BatchUnknown
        if seen_version is not None and row.version != seen_version:
            raise VersionConflict(retry=False)
        return _batch_of(row)

    async def open_until(self, day: date) -> Sequence[PrintBatch]:
        """The batches up to a day that are not closed, locked; whoever adds a letter at this moment is waited for."""
        table = tables.print_batch
        found = select(table).where(table.c.closed_at.is_(None), table.c.day <= day).order_by(table.c.day)
        return [_batch_of(row) for row in await self._connection.execute(found.with_for_update())]

    async def page(self, *, before: date | None, limit: int) -> Sequence[PrintBatch]:
        """Batches, the newest first."""
        table = tables.print_batch
        found = select(table).order_by(table.c.day.desc()).limit(limit)
        if before is not None:
            found = found.where(table.c.day < before)
        return [_batch_of(row) for row in await self._connection.execute(found)]

    async def add_letters(self, batch_id: UUID, ids: Sequence[UUID]) -> None:
        """Put letters into a batch."""
        rows = [{"notification_id": each, "batch_id": batch_id} for each in ids]
        await self._connection.execute(insert(tables.print_batch_letter), rows)

    async def take_out(self, ids: Sequence[UUID]) -> None:
        """Take letters out of their batch, because they were not posted with it."""
        table = tables.print_batch_letter
        await self._connection.execute(delete(table).where(table.c.notification_id.in_(ids)))

    async def letters(self, batch_id: UUID) -> Sequence[BatchLetter]:
        """The letters of a batch with what its manifest says of them."""
        letter, document = tables.print_batch_letter.c, tables.document.c
        found = (
            select(letter.notification_id, document.sha256, document.pages)
            .join(tables.document, document.notification_id == letter.notification_id)
            .where(letter.batch_id == batch_id)
        )
        rows = await self._connection.execute(found)
        return [BatchLetter(row.notification_id, row.sha256, row.pages or 0) for row in rows]

    async def unacknowledged(self) -> Unacknowledged:
        """The closed batches of which nobody has said that they were posted."""
        table = tables.print_batch.c
        found = select(func.count(), func.min(table.closed_at)).where(
            table.closed_at.is_not(None), table.posted_on.is_(None)
        )
        count, since = (await self._connection.execute(found)).one()
        return Unacknowledged(count, since)

    async def drop(self, batch: PrintBatch) -> None:
        """Forget a batch that holds nothing."""
        await self._connection.execute(delete(tables.print_batch).where(tables.print_batch.c.id == batch.id))

    async def save(self, batch: PrintBatch, action: str, details: Mapping[str, str]) -> None:
        """Store a change with its audit row."""
        batch.version += 1
        values = vars(batch) | {"id": batch.id}
        changed = update(tables.print_batch).where(tables.print_batch.c.id == batch.id).values(values)
        await self._connection.execute(changed)
        self._audit.add(
            aggregate=AGGREGATE, aggregate_id=batch.id, version=batch.version, action=action, details=details
        )


def _batch_of(row: Row[Any]) -> PrintBatch:
    return PrintBatch(**row._mapping)
