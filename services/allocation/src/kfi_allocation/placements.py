"""Placements in the database: read with the version that was seen, saved with audit rows and events."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, bindparam, insert, select, update

from kfi_allocation.domain.decision import Decision, SentLetter
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_due import OfficeDays, set_due_date
from kfi_allocation.domain.placement_record import Proceedings
from kfi_allocation.domain.placement_states import State
from kfi_allocation.placement_deadlines import keep_deadlines
from kfi_allocation.placement_published import events_of
from kfi_allocation.placement_tables import PLACEMENT
from kfi_allocation.tables import PERSONS
from kfi_chassis.among import among
from kfi_chassis.privacy.keys import PersonKey
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "placement"
_PLAIN: Final = (
    "id", "list_id", "persons", "arrival_on", "announced_on", "version", "sequence", "run_id", "ags", "proposed_on",
    "object_until", "town_agreed_on", "fixed", "agreed_on", "arrived_on", "cancelled_on", "waits_for", "due_on",
    "erased_on",
)  # fmt: skip
_DECISIONS: Final = TypeAdapter(tuple[Decision, ...])
_LETTERS: Final = TypeAdapter(tuple[SentLetter, ...])
_FILE: Final = TypeAdapter(Proceedings)
_KEY: Final = PERSONS.person_key
_ROWS: Final = select(PLACEMENT, _KEY.c.kid, _KEY.c.wrapped).outerjoin_from(
    PLACEMENT, _KEY, _KEY.c.person == PLACEMENT.c.id
)
_CHANGED: Final = update(PLACEMENT).where(
    PLACEMENT.c.id == bindparam("wanted"), PLACEMENT.c.version == bindparam("loaded")
)
_OPEN: Final = (State.ANNOUNCED.value, State.PROPOSED.value, State.HEARD.value, State.READY.value)


class UnknownPlacement(LookupError):
    """There is no such placement, or none this reader may know of."""


class Placements:
    """The placements of one transaction."""

    def __init__(self, work: Work, days: OfficeDays) -> None:
        self._work, self._days = work, days
        self._files: dict[UUID, Proceedings] = {}

    async def get(self, household_id: UUID, *, ags: str | None = None) -> Placement:
        """The placement to read; with ``ags`` only one whose town of now it is. Raises UnknownPlacement."""
        return await self._one(household_id, ags, locked=False)

    async def get_to_change(
        self, household_id: UUID, version: int | None = None, *, ags: str | None = None
    ) -> Placement:
        """The placement, locked until the transaction ends, so that a second actor is told before anything else.

        Raises UnknownPlacement, and VersionConflict at once when somebody saved it since ``version``.
        """
        placement = await self._one(household_id, ags, locked=True)
        if version is not None and placement.version != version:
            raise VersionConflict(retry=False)
        return placement

    async def many(self, ids: Collection[UUID]) -> Sequence[Placement]:
        """Those of these ids that there are, in the order of their ids."""
        return await self._all(_ROWS.where(among(PLACEMENT.c.id, ids)).order_by(PLACEMENT.c.id))

    async def many_to_change(self, ids: Collection[UUID]) -> Sequence[Placement]:
        """The same, locked. Raises UnknownPlacement when one of them is missing."""
        asked = _ROWS.where(among(PLACEMENT.c.id, ids)).order_by(PLACEMENT.c.id).with_for_update(of=PLACEMENT)
        found = await self._all(asked)
        if len(found) != len(set(ids)):
            raise UnknownPlacement
        return found

    async def orders(self, ids: Collection[UUID] | None = None) -> Orders:
        """What people decided about households that may be planned: excluded towns, and towns a planner named."""
        asked = select(PLACEMENT.c.id, PLACEMENT.c.ags, PLACEMENT.c.excluded, PLACEMENT.c.fixed).where(
            PLACEMENT.c.state.in_(_OPEN)
        )
        if ids is not None:
            asked = asked.where(among(PLACEMENT.c.id, ids))
        rows = (await self._work.connection.execute(asked)).all()
        return Orders(
            fixed={str(row.id): row.ags for row in rows if row.fixed and row.ags not in row.excluded},
            excluded={str(row.id): frozenset(row.excluded) for row in rows if row.excluded},
        )

    async def add(self, placement: Placement) -> None:
        """Store a new placement, its audit rows and its events."""
        await self.add_all([placement])

    async def add_all(self, placements: Sequence[Placement]) -> None:
        """Store new placements, as many as a list has, in one statement."""
        files = await self._changed_files(placements)
        rows = [self._stored(placement) | {"id": placement.id, "file": files[placement.id]} for placement in placements]
        if rows:
            await self._work.connection.execute(insert(PLACEMENT), rows)

    async def save(self, placement: Placement) -> None:
        """Store what changed, its audit rows and its events. Raises VersionConflict when somebody was faster."""
        (row,) = await self._changes([placement])
        if (await self._work.connection.execute(_CHANGED, row)).rowcount == 0:
            raise VersionConflict

    async def save_all(self, locked: Sequence[Placement]) -> None:
        """Store what changed in placements that were loaded to be changed, in two statements however many they are."""
        rows = await self._changes(locked)
        for alike in ([row for row in rows if "file" in row], [row for row in rows if "file" not in row]):
            if alike:
                await self._work.connection.execute(_CHANGED, alike)

    async def _changes(self, placements: Sequence[Placement]) -> list[dict[str, Any]]:
        """The rows of placements as they are now, for those that still have the version they were loaded with."""
        files = await self._changed_files(placements)
        return [
            {"wanted": placement.id, "loaded": placement.version} | self._stored(placement)
            | ({"file": files[placement.id]} if placement.id in files else {})
            for placement in placements
        ]  # fmt: skip

    def _stored(self, placement: Placement) -> dict[str, Any]:
        """The columns of a placement that is stored now; its audit rows and events are recorded with it."""
        first = placement.sequence
        set_due_date(placement, self._work.calendar.today(), self._days)
        placement.version += 1
        placement.sequence += len(placement.happened)
        self._record(placement, first)
        return _values(placement)

    async def _changed_files(self, placements: Sequence[Placement]) -> Mapping[UUID, bytes | None]:
        """The files that are not as they were loaded, encrypted; None where nothing was said, or may be kept."""
        changed = [one for one in placements if one.proceedings is not self._files.get(one.id)]
        kept = {
            one.id: one.proceedings
            for one in changed
            if one.erased_on is None and one.proceedings != Proceedings()
        }  # fmt: skip
        keys = await self._work.persons.keys_to_write(kept) if kept else {}
        self._files |= kept
        written = {
            home: keys[home].encrypt(PLACEMENT.c.file, home, _FILE.dump_json(file)) for home, file in kept.items()
        }
        return {one.id: written.get(one.id) for one in changed}

    async def _one(self, household_id: UUID, ags: str | None, *, locked: bool) -> Placement:
        asked = _ROWS.where(PLACEMENT.c.id == household_id)
        if ags is not None:
            asked = asked.where(PLACEMENT.c.ags == ags)
        found = await self._all(asked.with_for_update(of=PLACEMENT) if locked else asked)
        if not found:
            raise UnknownPlacement
        return found[0]

    async def _all(self, asked: Select[Any]) -> Sequence[Placement]:
        return [self._placement(row) for row in await self._work.connection.execute(asked)]

    def _placement(self, row: Row[Any]) -> Placement:
        key = self._work.persons.opened(row.id, row.kid, row.wrapped)
        readable = row.file is not None and isinstance(key, PersonKey)
        file = (
            _FILE.validate_json(key.decrypt(PLACEMENT.c.file, row.id, row.file) or b"") if readable else Proceedings()
        )
        self._files[row.id] = file
        return Placement(
            **{name: getattr(row, name) for name in _PLAIN},
            group=Group(row.group_code),
            state=State(row.state),
            excluded=tuple(row.excluded),
            decisions=_DECISIONS.validate_python(row.decisions),
            letters=_LETTERS.validate_python(row.letters),
            proceedings=file,
        )

    def _record(self, placement: Placement, first: int) -> None:
        for step in placement.steps:
            self._work.audit.add(
                aggregate=AGGREGATE,
                aggregate_id=placement.id,
                version=placement.version,
                action=step.action,
                reason=step.reason,
                details={"from": step.source or "", "to": step.target, **step.details},
            )
        for sequence, event in enumerate(events_of(placement), start=first + 1):
            self._work.outbox.add(event, sequence=sequence)
        keep_deadlines(placement, self._work.deadlines)
        placement.steps.clear()
        placement.happened.clear()


def _values(placement: Placement) -> dict[str, Any]:
    objection = placement.open_objection
    return {name: getattr(placement, name) for name in _PLAIN if name != "id"} | {
        "group_code": placement.group.value,
        "state": placement.state.value,
        "excluded": list(placement.excluded),
        "objected_on": objection.objected_on if objection else None,
        "decisions": _DECISIONS.dump_python(placement.decisions, mode="json"),
        "letters": _LETTERS.dump_python(placement.letters, mode="json"),
    }
