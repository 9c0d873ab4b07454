"""Lists of arrivals in the database: the uploaded file in parts, and how far reading and importing came."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, BinaryIO, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, delete, insert, select, text, update

from kfi_allocation.arrival_tables import ARRIVAL_ENTRY, ARRIVAL_LIST, ARRIVAL_PART
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList, Done, Found, ListState, UnknownArrivalList
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "arrival-list"
PART_BYTES: Final = 262_144
_DOCUMENTS: Final[dict[str, TypeAdapter[Any]]] = {
    "said": TypeAdapter(Said), "found": TypeAdapter(Found), "done": TypeAdapter(Done),
}  # fmt: skip
_WORDS: Final = {"encoding": Encoding, "separator": Separator, "state": ListState}
_NAMES: Final = tuple(field.name for field in fields(ArrivalList))
_OPEN: Final = ARRIVAL_LIST.c.state != ListState.DISCARDED.value
_CHANGED: Final = update(ARRIVAL_LIST).where(
    ARRIVAL_LIST.c.id == bindparam("wanted"), ARRIVAL_LIST.c.version == bindparam("loaded")
)
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('arrivals of ' || :source, 0))")
_TRY: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('reading ' || CAST(:list AS text), 0))")


class ArrivalLists:
    """The lists of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def get(self, list_id: UUID) -> ArrivalList:
        """The list to read. Raises UnknownArrivalList."""
        return await self._one(list_id, locked=False)

    async def get_to_change(self, list_id: UUID, version: int | None = None) -> ArrivalList:
        """The list, locked until the transaction ends. Raises UnknownArrivalList, VersionConflict."""
        found = await self._one(list_id, locked=True)
        if version is not None and found.version != version:
            raise VersionConflict(retry=False)
        return found

    async def page(self, *, before: int | None, rows: int) -> Sequence[tuple[int, ArrivalList]]:
        """Some lists with their place in the order of receipt, the newest first."""
        asked = select(ARRIVAL_LIST).order_by(ARRIVAL_LIST.c.position.desc()).limit(rows)
        if before is not None:
            asked = asked.where(ARRIVAL_LIST.c.position < before)
        return [(row.position, _list(row)) for row in await self._work.connection.execute(asked)]

    async def one_at_a_time(self, source: str) -> None:
        """Lists of a source are received one after the other until the transaction ends."""
        await self._work.connection.execute(_ONE_AT_A_TIME, {"source": source})

    async def same(self, source: str, asked: str) -> ArrivalList | None:
        """The list that was received with this very digest and not discarded."""
        found = select(ARRIVAL_LIST).where(ARRIVAL_LIST.c.source == source, ARRIVAL_LIST.c.asked == asked, _OPEN)
        row = (await self._work.connection.execute(found)).one_or_none()
        return None if row is None else _list(row)

    async def correction_of(self, list_id: UUID) -> UUID | None:
        """The list that corrects this one and was not discarded."""
        found = select(ARRIVAL_LIST.c.id).where(ARRIVAL_LIST.c.corrects == list_id, _OPEN)
        return (await self._work.connection.execute(found)).scalar_one_or_none()

    async def add(self, new: ArrivalList, content: BinaryIO) -> None:
        """Store a list with its file, which is read from its start, under a key of its own."""
        await self._work.connection.execute(insert(ARRIVAL_LIST), _values(new))
        key = await self._work.persons.new_key(new.id)
        content.seek(0)
        for number in parts_of(new):
            part = key.encrypt(ARRIVAL_PART.c.content, f"{new.id}:{number}", content.read(PART_BYTES))
            row = {"list_id": new.id, "number": number, "content": part}
            await self._work.connection.execute(insert(ARRIVAL_PART), row)

    async def part(self, list_id: UUID, number: int) -> bytes:
        """One part of the file, counted from 1. Raises UnknownArrivalList when it is gone, PersonErased."""
        found = select(ARRIVAL_PART.c.content).where(ARRIVAL_PART.c.list_id == list_id, ARRIVAL_PART.c.number == number)
        stored = (await self._work.connection.execute(found)).scalar_one_or_none()
        if stored is None:
            raise UnknownArrivalList
        key = (await self._work.persons.keys([list_id]))[list_id]
        content = key.decrypt(ARRIVAL_PART.c.content, f"{list_id}:{number}", stored)
        if content is None:
            raise PersonErased
        return content

    async def save(self, changed: ArrivalList) -> None:
        """Store a step of the list, made of the version before. Raises VersionConflict."""
        seen = {"wanted": changed.id, "loaded": changed.version - 1}
        stored = await self._work.connection.execute(_CHANGED, _values(changed) | seen)
        if stored.rowcount == 0:
            raise VersionConflict

    async def note_progress(self, at_work: ArrivalList) -> None:
        """Store how far reading or importing came; no new version, nobody's view of the list is stale by it."""
        seen = {"wanted": at_work.id, "loaded": at_work.version}
        counted = {
            name: _DOCUMENTS[name].dump_python(getattr(at_work, name), mode="json") for name in ("found", "done")
        }
        if (await self._work.connection.execute(_CHANGED, counted | seen)).rowcount == 0:
            raise VersionConflict

    async def to_be_read(self) -> ArrivalList | None:
        """The oldest list nobody reads, held until the transaction ends; gone with it when the process dies."""
        asked = select(ARRIVAL_LIST).where(ARRIVAL_LIST.c.state == ListState.RECEIVED.value)
        for row in (await self._work.connection.execute(asked.order_by(ARRIVAL_LIST.c.position))).all():
            if (await self._work.connection.execute(_TRY, {"list": str(row.id)})).scalar_one():
                return _list(row)
        return None

    async def to_be_imported(self) -> ArrivalList | None:
        """The oldest list that is being imported and of which nobody imports a portion now, locked."""
        asked = select(ARRIVAL_LIST).where(ARRIVAL_LIST.c.state == ListState.IMPORTING.value)
        asked = asked.order_by(ARRIVAL_LIST.c.position).limit(1).with_for_update(skip_locked=True)
        row = (await self._work.connection.execute(asked)).one_or_none()
        return None if row is None else _list(row)

    async def forget_file(self, list_id: UUID) -> None:
        """Delete the file, what was read of it and the key; references, lines and numbers stay."""
        await self._work.connection.execute(delete(ARRIVAL_PART).where(ARRIVAL_PART.c.list_id == list_id))
        emptied = update(ARRIVAL_ENTRY).where(ARRIVAL_ENTRY.c.list_id == list_id, ARRIVAL_ENTRY.c.content.is_not(None))
        await self._work.connection.execute(emptied.values(content=None))
        await self._work.persons.erase(list_id)

    async def _one(self, list_id: UUID, *, locked: bool) -> ArrivalList:
        asked = select(ARRIVAL_LIST).where(ARRIVAL_LIST.c.id == list_id)
        row = (await self._work.connection.execute(asked.with_for_update() if locked else asked)).one_or_none()
        if row is None:
            raise UnknownArrivalList
        return _list(row)


def parts_of(stored: ArrivalList) -> range:
    """The numbers of the parts its file has."""
    return range(1, -(-stored.size // PART_BYTES) + 1)


def _values(stored: ArrivalList) -> dict[str, Any]:
    values = {name: getattr(stored, name) for name in _NAMES}
    return values | {name: kind.dump_python(values[name], mode="json") for name, kind in _DOCUMENTS.items()}


def _list(row: Row[Any]) -> ArrivalList:
    values = {name: getattr(row, name) for name in _NAMES}
    values |= {name: kind.validate_python(values[name]) for name, kind in _DOCUMENTS.items()}
    return ArrivalList(**values | {name: kind(values[name]) for name, kind in _WORDS.items()})
