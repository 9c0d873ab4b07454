"""The work list of placements, the oldest due first; the notes of their audit; and how old open ones are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, case, func, select, tuple_
from sqlalchemy.types import Date

from kfi_allocation.domain.placement_states import UNDER_WAY, State
from kfi_allocation.placement_tables import PLACEMENT
from kfi_allocation.placements import AGGREGATE
from kfi_allocation.tables import CHASSIS
from kfi_chassis.work import Work

_AUDIT: Final = CHASSIS.audit
_LINES: Final = select(
    PLACEMENT.c.position, PLACEMENT.c.id, PLACEMENT.c.list_id, PLACEMENT.c.group_code, PLACEMENT.c.persons,
    PLACEMENT.c.arrival_on, PLACEMENT.c.state, PLACEMENT.c.run_id, PLACEMENT.c.ags, PLACEMENT.c.proposed_on,
    PLACEMENT.c.object_until, PLACEMENT.c.objected_on, PLACEMENT.c.waits_for, PLACEMENT.c.due_on, PLACEMENT.c.version,
)  # fmt: skip
_HISTORY: Final = (
    select(
        _AUDIT.c.number, _AUDIT.c.recorded_at, _AUDIT.c.action, _AUDIT.c.person, _AUDIT.c.reason, _AUDIT.c.version,
        _AUDIT.c.details,
    )
    .where(_AUDIT.c.aggregate == AGGREGATE)
    .order_by(_AUDIT.c.number)
)  # fmt: skip
AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "week": (0, 7), "fortnight": (8, 14), "month": (15, 31), "older": (32, None),
}  # fmt: skip
"""Days since the proposal, from and to."""


@dataclass(frozen=True, slots=True)
class PlacementLine:
    """A placement without what people said; ``position`` is its place among those of the same day."""

    position: int
    id: UUID
    list_id: UUID
    group_code: str
    persons: int
    arrival_on: date | None
    state: str
    run_id: UUID | None
    ags: str | None
    proposed_on: date | None
    object_until: date | None
    objected_on: date | None
    waits_for: str | None
    due_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which placements are asked for; None asks for all. Those in the state ``without`` are left out."""

    state: State | None = None
    ags: str | None = None
    list_id: UUID | None = None
    run_id: UUID | None = None
    waits_for: str | None = None
    due_until: date | None = None
    without: State | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the history: what was done, by which person, when, why (a code), the version it had then."""

    number: int
    recorded_at: datetime
    action: str
    person: str
    reason: str | None
    version: int
    details: dict[str, str]


class PlacementList:
    """Lists of one transaction, read only."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def due(self, wanted: Wanted, *, after: tuple[date, int] | None, rows: int) -> Sequence[PlacementLine]:
        """Some that wait for somebody: by due date, then by receipt."""
        found = _matching(wanted).where(PLACEMENT.c.due_on.is_not(None)).limit(rows)
        if after is not None:
            place = tuple_(PLACEMENT.c.due_on, PLACEMENT.c.position)
            found = found.where(place > tuple_(bindparam("day", after[0], Date), after[1]))
        return await self._lines(found.order_by(PLACEMENT.c.due_on, PLACEMENT.c.position))

    async def all(self, wanted: Wanted, *, after: int | None, rows: int) -> Sequence[PlacementLine]:
        """Some in the order of receipt, also those that have ended."""
        found = _matching(wanted).limit(rows)
        if after is not None:
            found = found.where(PLACEMENT.c.position > after)
        return await self._lines(found.order_by(PLACEMENT.c.position))

    async def history(self, household_id: UUID, *, looks: bool, after: int | None, rows: int) -> Sequence[Happened]:
        """Some rows of a history in their order; without ``looks`` only what changed."""
        found = _HISTORY.where(_AUDIT.c.aggregate_id == household_id).limit(rows)
        if not looks:
            found = found.where(_AUDIT.c.action.not_like("read%"))
        if after is not None:
            found = found.where(_AUDIT.c.number > after)
        return [Happened(**row._asdict()) for row in await self._work.connection.execute(found)]

    async def open_by_age(self) -> Mapping[str, int]:
        """How many proposals are open, by how long ago they were made; every age is named."""
        days = bindparam("today", self._work.calendar.today(), Date) - PLACEMENT.c.proposed_on
        age = case(*((days <= last, name) for name, (_, last) in AGES.items() if last is not None), else_="older")
        counted = (
            select(age.label("age"), func.count().label("open"))
            .where(PLACEMENT.c.state.in_([state.value for state in UNDER_WAY]))
            .group_by(age)
        )
        found = {row.age: row.open for row in await self._work.connection.execute(counted)}
        return {name: found.get(name, 0) for name in AGES}

    async def objections_open(self) -> int:
        """How many objections nobody has decided about."""
        counted = select(func.count()).where(
            PLACEMENT.c.objected_on.is_not(None), PLACEMENT.c.state.in_([state.value for state in UNDER_WAY])
        )
        return (await self._work.connection.execute(counted)).scalar_one()

    async def _lines(self, found: Select[Any]) -> Sequence[PlacementLine]:
        return [PlacementLine(**row._asdict()) for row in await self._work.connection.execute(found)]


def _matching(wanted: Wanted) -> Select[Any]:
    found = _LINES
    named = {
        PLACEMENT.c.state: wanted.state and wanted.state.value,
        PLACEMENT.c.ags: wanted.ags,
        PLACEMENT.c.list_id: wanted.list_id,
        PLACEMENT.c.run_id: wanted.run_id,
        PLACEMENT.c.waits_for: wanted.waits_for,
    }
    for column, value in named.items():
        if value is not None:
            found = found.where(column == value)
    if wanted.without is not None:
        found = found.where(PLACEMENT.c.state != wanted.without.value)
    return found if wanted.due_until is None else found.where(PLACEMENT.c.due_on <= wanted.due_until)
