"""What the presence ledger adds up to: entries, persons per quarter with their trace, and numbers that differ."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Planner, Reader, at_home, is_planner
from kfi_allocation.api.forms import AUDITOR, PLANNER, Stated, View
from kfi_allocation.api.presence import PresenceEntryView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.presence.person_quarters import Counted, PersonQuarters, person_quarters
from kfi_allocation.domain.refusals import NoPolicyInForce, SettledAlready
from kfi_allocation.presence_ledger import PresenceTask, SettledAs
from kfi_allocation.use_cases.settle_task import settle_task
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(tags=["after arrival"])
Staff = Annotated[Edge[AllocationWork], edge(PLANNER, AUDITOR)]
Year = Annotated[int, Query(ge=2022, le=2100, description="of the head counts")]


class QuarterView(View):
    """The persons of a town for whom a quarter's flat rate can be computed."""

    ags: str
    quarter: str
    persons: int


class CountedView(View):
    """The persons of one entry who lived in the town on the day of a head count, how many count, and why."""

    day: date
    quarter: str
    household_id: UUID
    cohort: int
    persons: int
    counted: int
    why: str

    @classmethod
    def of(cls, line: Counted) -> "CountedView":
        """The view of a line."""
        known = {name: getattr(line, name) for name in cls.model_fields if name != "quarter"}
        return cls(**known, quarter=str(line.quarter))


class TaskView(View):
    """Another number of persons came than was announced; both numbers stay as they were said."""

    id: UUID
    household_id: UUID
    ags: str
    announced: int
    confirmed: int
    noticed_on: date
    settled_as: SettledAs | None
    settled_on: date | None
    actions: tuple[str, ...]

    @classmethod
    def of(cls, task: PresenceTask, door: Edge[AllocationWork]) -> "TaskView":
        """The view of a task for this reader."""
        known = {name: getattr(task, name) for name in cls.model_fields if name != "actions"}
        return cls(**known, actions=("settlement",) if is_planner(door) and task.settled_as is None else ())


class Settlement(Stated):
    """How it was settled."""

    settled_as: SettledAs


@router.get("/municipalities/{ags}/presence")
async def list_presence(ags: Ags, door: Reader, asked: Paged) -> Page[PresenceEntryView]:
    """The entries of a town in their order."""
    at_home(door, ags)
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[PresenceEntryView]:
        found = await work.presence.page(ags=ags, after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, PresenceEntryView.of, lambda entry: (entry.number,))

    return await door.read(page)


@router.get("/municipalities/{ags}/person-quarters")
@documents(KINDS[NoPolicyInForce])
async def get_person_quarters(ags: Ags, door: Reader, year: Year) -> Annotated[list[QuarterView], Field(max_length=4)]:
    """The persons of each head count of a year (§ 17 TIntG); no payment follows from it."""
    at_home(door, ags)
    found = await door.read(lambda work: _counted(work, ags, year))
    return [
        QuarterView(ags=town, quarter=str(quarter), persons=persons)
        for (quarter, town), persons in found.persons.items()
        if town == ags
    ]


@router.get("/municipalities/{ags}/person-quarters/trace")
@documents(KINDS[NoPolicyInForce])
async def list_person_quarters(ags: Ags, door: Reader, asked: Paged, year: Year) -> Page[CountedView]:
    """Every line of which they were made, by day and entry."""
    at_home(door, ags)
    after = asked.after(date.fromisoformat, int)
    found = await door.read(lambda work: _counted(work, ags, year))
    lines = [line for line in found.trace if line.ags == ags and (after is None or (line.day, line.cohort) > after)]
    return asked.page(lines[: asked.rows], CountedView.of, lambda line: (line.day, line.cohort))


@router.get("/presence-tasks")
async def list_tasks(
    door: Staff, asked: Paged, is_open: Annotated[bool | None, Query(alias="open", description="only these")] = None
) -> Page[TaskView]:
    """Where another number of persons came than was announced, the oldest first."""
    return await door.read(lambda work: _tasks(work, door, asked, None, is_open=is_open))


@router.get("/municipalities/{ags}/presence-tasks")
async def list_town_tasks(ags: Ags, door: Reader, asked: Paged) -> Page[TaskView]:
    """Those of a town."""
    at_home(door, ags)
    return await door.read(lambda work: _tasks(work, door, asked, ags, is_open=None))


@router.get("/presence-tasks/{task_id}")
async def get_task(task_id: UUID, door: Staff) -> TaskView:
    """One of them, its ETag, and the actions open to this person now."""

    async def read(work: AllocationWork) -> TaskView:
        return _shown(door, await work.presence.task(task_id))

    return await door.read(read)


@router.post("/presence-tasks/{task_id}/settlement")
@documents(KINDS[SettledAlready])
async def post_settlement(task_id: UUID, body: Settlement, seen: IfMatch, door: Planner) -> TaskView:
    """It was looked into."""

    async def settle(work: AllocationWork) -> TaskView:
        return _shown(door, await settle_task(task_id, body.settled_as, seen, work))

    return await door.command(settle)


async def _counted(work: AllocationWork, ags: str, year: int) -> PersonQuarters:
    policy = await work.policies.in_force(work.calendar.today())
    last = min(date(year, 12, 31), work.calendar.today())
    entries = await work.presence.of_towns(ags)
    return person_quarters(entries, date(year, 1, 1), last, policy.head_count_for)


async def _tasks(
    work: AllocationWork, door: Edge[AllocationWork], asked: Paged, ags: str | None, *, is_open: bool | None
) -> Page[TaskView]:
    after = asked.after(int)
    found = await work.presence.tasks(ags=ags, is_open=is_open, after=after[0] if after else None, rows=asked.rows)
    return asked.page(found, lambda row: TaskView.of(row[1], door), lambda row: (row[0],))


def _shown(door: Edge[AllocationWork], task: PresenceTask) -> TaskView:
    door.etag(task.version)
    return TaskView.of(task, door)
