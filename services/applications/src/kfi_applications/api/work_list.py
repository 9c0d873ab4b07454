"""The work list of the office."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query

from kfi_applications.api.readers import STAFF
from kfi_applications.api.requests import ME
from kfi_applications.api.views import View
from kfi_applications.domain.due_dates import WaitsFor
from kfi_applications.domain.states import Mover, State
from kfi_applications.stated import PERSON_PATTERN
from kfi_applications.work_list import Asked, Waiting
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged
from kfi_contracts.money import Money

router = APIRouter(tags=["work list"])
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]
NOBODY: Final = "nobody"
REPRESENTED: Final = "represented"
_WHOSE: Final = f"`{ME}`, `{NOBODY}`, `{REPRESENTED}` (those I stand in for today), or the person who works on it."
_OLDEST_IN_DAYS: Final = 36_500


class WorkLine(View):
    """An open case: whose turn it is, until when, and for how many days it has been overdue."""

    id: str
    file_number: str
    programme: str
    call: str
    applicant_name: str
    state: State
    filed_on: date
    late: bool
    requested_grant: Money
    assignee: str | None
    waits_for: WaitsFor | None
    due_on: date
    overdue_days: int

    @classmethod
    def of(cls, line: Waiting, today: date) -> "WorkLine":
        """The line on a day."""
        known = {name: getattr(line, name) for name in cls.model_fields if name not in {"id", "overdue_days"}}
        return cls(id=str(line.id), overdue_days=max(0, (today - line.due_on).days), **known)


@router.get("/work-list")
async def list_work(
    door: Staff,
    asked: Paged,
    state: Annotated[State | None, Query(description="Only cases in this state.")] = None,
    assignee: Annotated[
        str | None,
        Query(
            pattern=PERSON_PATTERN,
            description=_WHOSE,
        ),
    ] = None,
    due_until: Annotated[date | None, Query(description="Only cases due on this day or before it.")] = None,
    older_than_days: Annotated[
        int | None, Query(ge=0, le=_OLDEST_IN_DAYS, description="Only cases filed so many days ago or more.")
    ] = None,
) -> Page[WorkLine]:
    """Open cases, the oldest due first: whose turn it is and until when."""
    after = asked.after(date.fromisoformat, int)

    async def page(work: ApplicationsWork) -> Page[WorkLine]:
        if door.principal.has_any(frozenset({Mover.CASEWORKER.value})):
            await work.caseworkers.seen(door.principal.person)
        today = work.calendar.today()
        persons = await _persons(assignee, work)
        wanted = Asked(state, persons, assignee == NOBODY, due_until, _day_of_age(today, older_than_days))
        found = await work.work_list.page(wanted, after=after, rows=asked.rows)
        return asked.page(found, lambda line: WorkLine.of(line, today), lambda line: (line.due_on, line.position))

    return await door.read(page)


async def _persons(assignee: str | None, work: ApplicationsWork) -> frozenset[str] | None:
    me = work.actor.person
    if assignee in {None, NOBODY}:
        return None
    if assignee == REPRESENTED:
        return await work.mandates.represented_by(me, work.calendar.today())
    return frozenset({me if assignee == ME else str(assignee)})


def _day_of_age(today: date, days: int | None) -> date | None:
    return None if days is None else max(date.min, today - timedelta(days))
