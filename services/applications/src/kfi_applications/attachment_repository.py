"""Attachments in the database; a file is written and read part by part, so that none is ever whole in memory.

Names and contents lie under the key of the case; each part is bound to its place, so none can be put elsewhere.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, BinaryIO, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_applications.domain.attachment import Attachment, Kind, RemovalReason, Scan, Source, UnknownAttachment
from kfi_applications.tables import ATTACHMENT, ATTACHMENT_PART
from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.privacy.persons import Key, PersonErased, Persons
from kfi_chassis.transient import VersionConflict

PART_BYTES: Final = 262_144
"""How much of a file is one row, and the most of one that a process holds."""
_COLUMNS: Final = tuple(ATTACHMENT.c[field.name] for field in fields(Attachment))
_OF_CASE: Final = select(*_COLUMNS).where(ATTACHMENT.c.application_id == bindparam("application"))
_ONE: Final = _OF_CASE.where(ATTACHMENT.c.id == bindparam("wanted"))
_LAST: Final = select(
    func.coalesce(func.max(ATTACHMENT.c.number), 0),
    func.count(ATTACHMENT.c.number).filter(ATTACHMENT.c.removed_on.is_(None)),
).where(ATTACHMENT.c.application_id == bindparam("application"))
_PART: Final = select(ATTACHMENT_PART.c.content).where(
    ATTACHMENT_PART.c.attachment_id == bindparam("wanted"), ATTACHMENT_PART.c.number == bindparam("part")
)


class Attachments:
    """The attachments of one transaction."""

    def __init__(self, connection: AsyncConnection, persons: Persons) -> None:
        self._connection = connection
        self._persons = persons

    async def of_case(self, application_id: UUID, source: Source | None = None) -> Sequence[Attachment]:
        """The attachments of a case in their order, removed ones too; with ``source`` only those from there."""
        found = _OF_CASE if source is None else _OF_CASE.where(ATTACHMENT.c.source == source)
        rows = await self._connection.execute(found.order_by(ATTACHMENT.c.number), {"application": application_id})
        key = await self._key(application_id)
        return [_attachment(row, key) for row in rows]

    async def get(self, application_id: UUID, attachment_id: UUID, source: Source | None = None) -> Attachment:
        """One attachment of the case; with ``source`` only one from there. Raises UnknownAttachment."""
        wanted = {"application": application_id, "wanted": attachment_id}
        row = (await self._connection.execute(_ONE, wanted)).one_or_none()
        if row is None or (source is not None and row.source != source):
            raise UnknownAttachment
        return _attachment(row, await self._key(application_id))

    async def last_number(self, application_id: UUID) -> tuple[int, int]:
        """The number of the case's newest attachment, 0 without any, and how many there are that were not removed."""
        row = (await self._connection.execute(_LAST, {"application": application_id})).one()
        return row[0], row[1]

    async def add(self, attachment: Attachment, content: BinaryIO) -> None:
        """Store an attachment with its content, which is read from its start. Raises PersonErased."""
        key = await self._persons.key(attachment.application_id)
        await self._connection.execute(insert(ATTACHMENT), _row(attachment, key))
        content.seek(0)
        for number in parts_of(attachment):
            part = key.encrypt(ATTACHMENT_PART.c.content, _place(attachment, number), content.read(PART_BYTES))
            row = {"attachment_id": attachment.id, "number": number, "content": part}
            await self._connection.execute(insert(ATTACHMENT_PART), row)

    async def part(self, attachment: Attachment, number: int) -> bytes:
        """One part of the content, counted from 1. Raises UnknownAttachment when it is not there, PersonErased."""
        found = await self._connection.execute(_PART, {"wanted": attachment.id, "part": number})
        stored = found.scalar_one_or_none()
        if stored is None:
            raise UnknownAttachment
        key = await self._key(attachment.application_id)
        content = key.decrypt(ATTACHMENT_PART.c.content, _place(attachment, number), stored)
        if content is None:
            raise PersonErased
        return content

    async def remove(self, attachment: Attachment, *, seen_version: int) -> None:
        """Delete the content; what it was stays. Raises VersionConflict when it is not the one that was seen."""
        changed = await self._connection.execute(
            update(ATTACHMENT)
            .where(ATTACHMENT.c.id == attachment.id, ATTACHMENT.c.version == seen_version)
            .values(
                version=attachment.version,
                removed_on=attachment.removed_on,
                removal_reason=attachment.removal_reason,
            )
        )
        if changed.rowcount == 0:
            raise VersionConflict(retry=False)
        await self._connection.execute(delete(ATTACHMENT_PART).where(ATTACHMENT_PART.c.attachment_id == attachment.id))

    async def _key(self, application_id: UUID) -> Key:
        return (await self._persons.keys([application_id]))[application_id]


def parts_of(attachment: Attachment) -> range:
    """The numbers of the parts its content has."""
    return range(1, -(-attachment.size // PART_BYTES) + 1)


def _place(attachment: Attachment, number: int) -> str:
    return f"{attachment.id}:{number}"


def _row(attachment: Attachment, key: PersonKey) -> dict[str, object]:
    name = key.encrypt(ATTACHMENT.c.name, attachment.id, attachment.name)
    return {column.name: getattr(attachment, column.name) for column in _COLUMNS} | {"name": name}


def _attachment(row: Row[tuple[object, ...]], key: Key) -> Attachment:
    values: dict[str, Any] = dict(row._mapping)
    reason = values["removal_reason"]
    typed = {
        "name": key.text(ATTACHMENT.c.name, values["id"], values["name"]),
        "kind": Kind(values["kind"]),
        "scan": Scan(values["scan"]),
        "source": Source(values["source"]),
        "removal_reason": None if reason is None else RemovalReason(reason),
    }
    return Attachment(**values | typed)
