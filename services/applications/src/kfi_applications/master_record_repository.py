"""Master records in the database: locked with the version that was seen, saved with their audit rows."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final, Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from kfi_applications.domain.errors import AlreadyThere
from kfi_applications.domain.master_records import MasterRecord, ReturnedBecause, Standing, Version
from kfi_applications.tables import MASTER_RECORD, MASTER_VERSION
from kfi_chassis.work import VersionConflict, Work

T = TypeVar("T")

_LOCKED: Final = select(MASTER_RECORD).where(MASTER_RECORD.c.id == bindparam("wanted")).with_for_update()
_FOUND: Final = select(MASTER_RECORD).where(MASTER_RECORD.c.id == bindparam("wanted"))
_VERSIONS: Final = (
    select(MASTER_VERSION).where(MASTER_VERSION.c.record == bindparam("wanted")).order_by(MASTER_VERSION.c.number)
)
_ALL: Final = (
    select(MASTER_RECORD.c.id, MASTER_RECORD.c.key, MASTER_RECORD.c.version, MASTER_VERSION)
    .join(MASTER_VERSION, MASTER_VERSION.c.record == MASTER_RECORD.c.id)
    .where(MASTER_RECORD.c.kind == bindparam("wanted"))
    .order_by(MASTER_RECORD.c.key, MASTER_VERSION.c.number)
)
_ADDED: Final = insert(MASTER_RECORD).on_conflict_do_nothing()
_COUNTED: Final = update(MASTER_RECORD).where(MASTER_RECORD.c.id == bindparam("wanted"))
_WRITTEN: Final = insert(MASTER_VERSION)
_DECIDED: Final = _WRITTEN.on_conflict_do_update(
    index_elements=["record", "number"],
    set_={name: _WRITTEN.excluded[name] for name in ("standing", "decided_by", "decided_on", "returned_because")},
)


class UnknownRecord(LookupError):
    """There is no such call or budget title."""


class MasterRecords(Generic[T]):
    """The records of one kind, in one transaction; the kind is also the aggregate of their audit."""

    def __init__(self, work: Work, kind: str, content: TypeAdapter[T]) -> None:
        self._work = work
        self._kind = kind
        self._content = content

    def id_of(self, key: str) -> UUID:
        """The id of the record with this key, whether it is there or not."""
        return uuid5(NAMESPACE_URL, f"urn:kfi:{self._kind}:{key}")

    def new(self, key: str) -> MasterRecord[T]:
        """A record without a version yet, to propose the first of it and add it."""
        return MasterRecord(self.id_of(key), key)

    async def get(self, key: str) -> MasterRecord[T]:
        """The record to read. Raises UnknownRecord."""
        return await self._one(self.id_of(key), locked=False)

    async def get_by_id(self, record_id: UUID) -> MasterRecord[T]:
        """The record to read. Raises UnknownRecord."""
        return await self._one(record_id, locked=False)

    async def get_to_change(self, key: str, *, seen_version: int | None = None) -> MasterRecord[T]:
        """The record, locked until the transaction ends. Raises UnknownRecord, VersionConflict at once."""
        record = await self._one(self.id_of(key), locked=True)
        if seen_version is not None and record.version != seen_version:
            raise VersionConflict(retry=False)
        return record

    async def all(self) -> Sequence[MasterRecord[T]]:
        """All records of the kind, by key."""
        rows = await self._work.connection.execute(_ALL, {"wanted": self._kind})
        grouped = groupby(rows, key=lambda row: (row.id, row.key, row.version))
        return [MasterRecord(id_, key, self._read(of_one), version) for (id_, key, version), of_one in grouped]

    async def add(self, record: MasterRecord[T]) -> None:
        """Store a new record. Raises AlreadyThere when its key is taken."""
        row = {"id": record.id, "kind": self._kind, "key": record.key, "version": record.version}
        if (await self._work.connection.execute(_ADDED, row)).rowcount == 0:
            raise AlreadyThere(
                "There is one with this key already.", fix="Correct that one, or choose another key.", field="key"
            )
        await self._write(record)

    async def save(self, record: MasterRecord[T]) -> None:
        """Store what changed of a record that was read to change."""
        await self._work.connection.execute(_COUNTED, {"wanted": record.id, "version": record.version})
        await self._write(record)

    async def _one(self, record_id: UUID, *, locked: bool) -> MasterRecord[T]:
        asked = {"wanted": record_id}
        row = (await self._work.connection.execute(_LOCKED if locked else _FOUND, asked)).one_or_none()
        if row is None or row.kind != self._kind:
            raise UnknownRecord
        versions = await self._work.connection.execute(_VERSIONS, asked)
        return MasterRecord(row.id, row.key, self._read(versions), row.version)

    def _read(self, rows: Iterable[Row[Any]]) -> list[Version[T]]:
        return [
            Version(
                row.number,
                self._content.validate_python(row.content),
                row.proposed_by,
                row.proposed_on,
                Standing(row.standing),
                row.decided_by,
                row.decided_on,
                row.returned_because and ReturnedBecause(row.returned_because),
            )
            for row in rows
        ]

    async def _write(self, record: MasterRecord[T]) -> None:
        touched = sorted({step.number for step in record.steps})
        rows = [self._row(record, record.versions[number - 1]) for number in touched]
        await self._work.connection.execute(_DECIDED, rows)
        first = record.version - len(record.steps) + 1
        for version, step in enumerate(record.steps, start=first):
            self._work.audit.add(
                aggregate=self._kind,
                aggregate_id=record.id,
                version=version,
                action=step.step,
                reason=step.reason,
                details={"number": str(step.number)},
            )
        record.steps.clear()

    def _row(self, record: MasterRecord[T], version: Version[T]) -> dict[str, Any]:
        return {
            "record": record.id,
            "number": version.number,
            "content": self._content.dump_python(version.content, mode="json"),
            "proposed_by": version.proposed_by,
            "proposed_on": version.proposed_on,
            "standing": version.standing.value,
            "decided_by": version.decided_by,
            "decided_on": version.decided_on,
            "returned_because": version.returned_because and version.returned_because.value,
        }
