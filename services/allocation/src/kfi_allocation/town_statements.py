"""Rows of one kind that towns state: added, read with the version that was seen, saved with an audit row per step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, insert, select, update

from kfi_chassis.work import VersionConflict, Work


class Statement(Protocol):
    """What a town stated; `version` is the ETag."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def ags(self) -> str:
        """The town."""

    @property
    def version(self) -> int:
        """Counts its steps."""


S = TypeVar("S", bound=Statement)


class UnknownStatement(LookupError):
    """The town said no such thing, or nothing this reader may know of."""


class Statements(Generic[S]):
    """The statements of one kind in one transaction; `kind` is also the aggregate of their audit."""

    def __init__(
        self, work: Work, kind: str, table: Table, read: Callable[[Row[Any]], S],
        write: Callable[[S], Mapping[str, object]],
    ) -> None:  # fmt: skip
        self._work, self._kind, self._table, self._read, self._write = work, kind, table, read, write

    async def get(self, statement_id: UUID, ags: str | None = None, *, seen_version: int | None = None) -> S:
        """The statement, of this town if one is named; with the version that was seen, locked to be changed.

        Raises UnknownStatement, and VersionConflict at once when somebody saved it since.
        """
        found = select(self._table).where(self._table.c.id == statement_id)
        if ags is not None:
            found = found.where(self._table.c.ags == ags)
        if seen_version is not None:
            found = found.with_for_update()
        row = (await self._work.connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownStatement
        if seen_version is not None and row.version != seen_version:
            raise VersionConflict(retry=False)
        return self._read(row)

    async def page(
        self, ags: str | None, state: str | None = None, *, before: int | None, rows: int
    ) -> Sequence[tuple[int, S]]:
        """Some statements with their place, the last first; of one town, in one state, if these are named."""
        found = select(self._table).order_by(self._table.c.position.desc()).limit(rows)
        if ags is not None:
            found = found.where(self._table.c.ags == ags)
        if state is not None:
            found = found.where(self._table.c.state == state)
        if before is not None:
            found = found.where(self._table.c.position < before)
        return [(row.position, self._read(row)) for row in await self._work.connection.execute(found)]

    async def of(self, ags: str | None, *conditions: ColumnElement[bool]) -> Sequence[S]:
        """All of a town, or of all, for which the conditions hold, in their order."""
        found = select(self._table).where(*conditions).order_by(self._table.c.position)
        if ags is not None:
            found = found.where(self._table.c.ags == ags)
        return [self._read(row) for row in await self._work.connection.execute(found)]

    async def add(self, statement: S, action: str, *, reason: str | None = None) -> None:
        """Store a new one."""
        values = {**self._write(statement), "id": statement.id, "ags": statement.ags, "version": statement.version}
        await self._work.connection.execute(insert(self._table).values(values))
        self._note(statement, action, reason)

    async def save(self, statement: S, action: str, *, reason: str | None = None) -> None:
        """Store the step that was taken with one that was read to change."""
        values = {**self._write(statement), "version": statement.version}
        changed = update(self._table).where(self._table.c.id == statement.id).values(values)
        await self._work.connection.execute(changed)
        self._note(statement, action, reason)

    def _note(self, statement: S, action: str, reason: str | None) -> None:
        self._work.audit.add(
            aggregate=self._kind, aggregate_id=statement.id, version=statement.version, action=action, reason=reason,
            details={"ags": statement.ags},
        )  # fmt: skip
