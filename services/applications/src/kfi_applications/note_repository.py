"""Notes of the office on a case, under the key of its person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select

from kfi_applications.tables import NOTE
from kfi_chassis.work import Work

_OF_CASE: Final = select(NOTE).order_by(NOTE.c.position)


class UnknownNote(LookupError):
    """There is no such note."""


@dataclass(frozen=True)
class Note:
    """What a colleague wrote; nobody outside of the office sees it. ``position`` is its place in the order."""

    id: UUID
    application_id: UUID
    written_by: str
    written_at: datetime
    text: str
    position: int = 0


class Notes:
    """The notes of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, note: Note) -> None:
        """Store a note. Raises PersonErased when the personal data of the case is gone."""
        key = await self._work.persons.key(note.application_id)
        values = {
            "id": note.id, "application_id": note.application_id, "written_by": note.written_by,
            "written_at": note.written_at, "text": key.encrypt(NOTE.c.text, note.id, note.text),
        }  # fmt: skip
        await self._work.connection.execute(insert(NOTE), values)

    async def page(self, application_id: UUID, *, after: int | None, rows: int) -> Sequence[Note]:
        """Some notes of a case, the oldest first."""
        found = _OF_CASE.where(NOTE.c.application_id == application_id).limit(rows)
        if after is not None:
            found = found.where(NOTE.c.position > after)
        return await self._read(list(await self._work.connection.execute(found)))

    async def get(self, note_id: UUID) -> Note:
        """One note. Raises UnknownNote."""
        row = (await self._work.connection.execute(select(NOTE).where(NOTE.c.id == note_id))).one_or_none()
        if row is None:
            raise UnknownNote
        (note,) = await self._read([row])
        return note

    async def _read(self, rows: Sequence[object]) -> Sequence[Note]:
        found = [getattr(row, "_mapping", {}) for row in rows]
        keys = await self._work.persons.keys({row["application_id"] for row in found})
        return [
            Note(
                id=row["id"], application_id=row["application_id"], written_by=row["written_by"],
                written_at=row["written_at"], position=row["position"],
                text=keys[row["application_id"]].text(NOTE.c.text, row["id"], row["text"]),
            )
            for row in found
        ]  # fmt: skip
