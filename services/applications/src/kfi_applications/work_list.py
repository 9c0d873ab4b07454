"""The work list: what waits for whom and until when, the oldest due case first; fast by index with many cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, select, tuple_
from sqlalchemy.types import Date

from kfi_applications.domain.states import ENDED, State
from kfi_applications.personal_texts import applicant_name
from kfi_applications.tables import APPLICATION, PERSONS
from kfi_chassis.work import Work

_BESIDE: Final = frozenset({"kid", "wrapped", "open_name"})
_OPEN: Final = sorted(state.value for state in State if state not in ENDED)
_LINES: Final = (
    select(
        APPLICATION.c.position,
        APPLICATION.c.id,
        APPLICATION.c.file_number,
        APPLICATION.c.programme,
        APPLICATION.c.call,
        APPLICATION.c.state,
        APPLICATION.c.filed_on,
        APPLICATION.c.late,
        APPLICATION.c.assignee,
        APPLICATION.c.waits_for,
        APPLICATION.c.due_on,
        APPLICATION.c.applicant_name,
        APPLICATION.c.applicant["name"].astext.label("open_name"),
        APPLICATION.c.finance_plan["requested_grant"].astext.label("requested_grant"),
    )
    .add_columns(PERSONS.person_key.c.kid, PERSONS.person_key.c.wrapped)
    .outerjoin_from(APPLICATION, PERSONS.person_key, PERSONS.person_key.c.person == APPLICATION.c.id)
    .where(APPLICATION.c.due_on.is_not(None), APPLICATION.c.state.in_(_OPEN))
    .order_by(APPLICATION.c.due_on, APPLICATION.c.position)
)


@dataclass(frozen=True)
class Waiting:
    """One open case as the work list shows it; ``position`` is its place among cases of the same day."""

    position: int
    id: UUID
    file_number: str
    programme: str
    call: str
    applicant_name: str
    state: State
    filed_on: date
    late: bool
    requested_grant: Decimal
    assignee: str | None
    waits_for: str | None
    due_on: date


@dataclass(frozen=True)
class Asked:
    """Which cases are asked for; None asks for all. ``of_nobody`` are the cases without an assignee."""

    state: State | None = None
    assignees: frozenset[str] | None = None
    of_nobody: bool = False
    due_until: date | None = None
    filed_until: date | None = None


class WorkList:
    """The open cases of one transaction, read only."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def page(self, asked: Asked, *, after: tuple[date, int] | None, rows: int) -> Sequence[Waiting]:
        """Some open cases from a place in the order on: by due date, then by receipt."""
        found = _matching(asked).limit(rows)
        if after is not None:
            place = tuple_(APPLICATION.c.due_on, APPLICATION.c.position)
            found = found.where(place > tuple_(bindparam("day", after[0], Date), after[1]))
        return [self._line(row) for row in await self._work.connection.execute(found)]

    def _line(self, row: Any) -> Waiting:
        known = {name: value for name, value in row._asdict().items() if name not in _BESIDE}
        name = applicant_name(row, self._work.persons.opened(row.id, row.kid, row.wrapped))
        read = {"applicant_name": name, "state": State(row.state), "requested_grant": Decimal(row.requested_grant)}
        return Waiting(**known | read)


def _matching(asked: Asked) -> Select[Any]:
    found = _LINES
    if asked.state is not None:
        found = found.where(APPLICATION.c.state == asked.state.value)
    if asked.of_nobody:
        found = found.where(APPLICATION.c.assignee.is_(None))
    if asked.assignees is not None:
        found = found.where(APPLICATION.c.assignee.in_(sorted(asked.assignees)))
    if asked.due_until is not None:
        found = found.where(APPLICATION.c.due_on <= asked.due_until)
    if asked.filed_until is not None:
        # Written into the statement: only with the day at hand the planner knows how few cases are that old.
        found = found.where(APPLICATION.c.filed_on <= bindparam("old", asked.filed_until, Date, literal_execute=True))
    return found
