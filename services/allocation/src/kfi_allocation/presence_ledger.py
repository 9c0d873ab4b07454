"""The presence ledger in the database: entries are only added, and numbers that differ become tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, bindparam, insert, select, update

from kfi_allocation.domain.presence.entries import Change, Happened, PresenceEntry
from kfi_allocation.domain.refusals import SettledAlready
from kfi_allocation.ledger_tables import LEDGER, PRESENCE, PRESENCE_TASK
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "presence"
TASK: Final = "presence-task"
_IN_ORDER: Final = select(PRESENCE).order_by(PRESENCE.c.number)
_OF_HOME: Final = _IN_ORDER.where(PRESENCE.c.household_id == bindparam("wanted"))
_LAST: Final = select(LEDGER.c.last).where(LEDGER.c.name == PRESENCE.name)
_HELD: Final = _LAST.with_for_update()
_TASK_LOCKED: Final = select(PRESENCE_TASK).where(PRESENCE_TASK.c.id == bindparam("wanted")).with_for_update()
_TASK: Final = select(PRESENCE_TASK).where(PRESENCE_TASK.c.id == bindparam("wanted"))
_SETTLED: Final = update(PRESENCE_TASK).where(PRESENCE_TASK.c.id == bindparam("wanted"))


class UnknownTask(LookupError):
    """There is no such task, or none this reader may know of."""


class SettledAs(StrEnum):
    """How numbers that differed were settled."""

    CONFIRMED_IS_RIGHT = "confirmed-is-right"
    CORRECTED = "corrected"
    OTHERS_FOLLOW = "others-follow"


@dataclass
class PresenceTask:
    """The town confirmed another number of persons than was announced; a planner looks into it."""

    id: UUID
    household_id: UUID
    ags: str
    announced: int
    confirmed: int
    noticed_on: date
    version: int = 1
    settled_as: SettledAs | None = None
    settled_by: str | None = None
    settled_on: date | None = None

    def settle(self, as_: SettledAs, *, by: str, on: date) -> None:
        """It was looked into. Raises SettledAlready."""
        if self.settled_as is not None:
            raise SettledAlready("The task is settled already.", fix="Read it again.")
        self.settled_as, self.settled_by, self.settled_on = as_, by, on
        self.version += 1


class PresenceLedger:
    """The entries and tasks of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def of_household(self, household_id: UUID) -> Sequence[PresenceEntry]:
        """All entries about a household in their order."""
        return [_entry(row) for row in await self._work.connection.execute(_OF_HOME, {"wanted": household_id})]

    async def to_change(self, household_id: UUID) -> Sequence[PresenceEntry]:
        """The same, held: nobody else books until this transaction ends."""
        await self._work.connection.execute(_HELD)
        return await self.of_household(household_id)

    async def of_towns(self, ags: str | None) -> Sequence[PresenceEntry]:
        """All entries about the households that ever lived in a town; without a town, all."""
        if ags is None:
            return [_entry(row) for row in await self._work.connection.execute(_IN_ORDER)]
        homes = select(PRESENCE.c.household_id).where(PRESENCE.c.ags == ags)
        asked = _IN_ORDER.where(PRESENCE.c.household_id.in_(homes))
        return [_entry(row) for row in await self._work.connection.execute(asked)]

    async def page(self, *, ags: str | None, after: int | None, rows: int) -> Sequence[PresenceEntry]:
        """Some entries in their order."""
        found = _IN_ORDER.limit(rows)
        if ags is not None:
            found = found.where(PRESENCE.c.ags == ags)
        if after is not None:
            found = found.where(PRESENCE.c.number > after)
        return [_entry(row) for row in await self._work.connection.execute(found)]

    async def add(self, changes: Sequence[Change]) -> Sequence[PresenceEntry]:
        """Add entries; each gets the next number."""
        await self._work.connection.execute(insert(PRESENCE), [self._row(change) for change in changes])
        last = (await self._work.connection.execute(_LAST)).scalar_one()
        entries = [PresenceEntry(number, one) for number, one in enumerate(changes, start=last - len(changes) + 1)]
        for entry in entries:
            change = entry.change
            details = {"ags": change.ags, "persons": str(change.persons)}
            self._work.audit.add(
                aggregate=AGGREGATE, aggregate_id=change.household_id, version=entry.number, action=change.happened,
                details=details,
            )  # fmt: skip
        return entries

    async def notice(self, arrival: PresenceEntry, announced: int, on: date) -> None:
        """Another number of persons came than was announced: a task for a planner, and neither number is changed."""
        change, task_id = arrival.change, uuid4()
        values = {
            "id": task_id, "position": arrival.number, "household_id": change.household_id, "ags": change.ags,
            "announced": announced, "confirmed": change.persons, "noticed_on": on, "version": 1,
        }  # fmt: skip
        await self._work.connection.execute(insert(PRESENCE_TASK), values)
        self._work.audit.add(aggregate=TASK, aggregate_id=task_id, version=1, action="notice")

    async def tasks(
        self, *, ags: str | None, is_open: bool | None, after: int | None, rows: int
    ) -> Sequence[tuple[int, PresenceTask]]:
        """Some tasks with their place, the oldest first."""
        found: Select[Any] = select(PRESENCE_TASK).order_by(PRESENCE_TASK.c.position).limit(rows)
        if ags is not None:
            found = found.where(PRESENCE_TASK.c.ags == ags)
        if is_open is not None:
            settled = PRESENCE_TASK.c.settled_as
            found = found.where(settled.is_(None) if is_open else settled.is_not(None))
        if after is not None:
            found = found.where(PRESENCE_TASK.c.position > after)
        return [(row.position, _task(row)) for row in await self._work.connection.execute(found)]

    async def task(self, task_id: UUID, *, seen_version: int | None = None) -> PresenceTask:
        """A task; with the version that was seen, locked to be changed. Raises UnknownTask, VersionConflict."""
        found = _TASK if seen_version is None else _TASK_LOCKED
        row = (await self._work.connection.execute(found, {"wanted": task_id})).one_or_none()
        if row is None:
            raise UnknownTask
        if seen_version is not None and row.version != seen_version:
            raise VersionConflict(retry=False)
        return _task(row)

    async def save(self, task: PresenceTask) -> None:
        """Store how a task was settled."""
        values = {
            "settled_as": task.settled_as, "settled_by": task.settled_by, "settled_on": task.settled_on,
            "version": task.version,
        }  # fmt: skip
        await self._work.connection.execute(_SETTLED, values | {"wanted": task.id})
        self._work.audit.add(
            aggregate=TASK, aggregate_id=task.id, version=task.version, action="settlement", reason=task.settled_as
        )

    def _row(self, change: Change) -> dict[str, object]:
        return {
            "number": 0, "household_id": change.household_id, "ags": change.ags, "counts_on": change.on,
            "happened": change.happened.value, "persons": change.persons, "cohort": change.cohort,
            "counts_from": change.counts_from, "counts_before": change.counts_before, "corrects": change.corrects,
            "booked_by": self._work.actor.person, "booked_on": self._work.calendar.today(),
            "recorded_at": self._work.clock.now(),
        }  # fmt: skip


def _entry(row: Row[Any]) -> PresenceEntry:
    change = Change(
        row.household_id, row.ags, row.counts_on, Happened(row.happened), row.persons, row.cohort, row.counts_from,
        row.counts_before, row.corrects,
    )  # fmt: skip
    return PresenceEntry(row.number, change)


def _task(row: Row[Any]) -> PresenceTask:
    return PresenceTask(
        row.id, row.household_id, row.ags, row.announced, row.confirmed, row.noticed_on, row.version,
        row.settled_as and SettledAs(row.settled_as), row.settled_by, row.settled_on,
    )  # fmt: skip
