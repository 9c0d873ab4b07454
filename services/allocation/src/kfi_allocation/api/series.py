"""Series of population, area and other figures: those of the packaged register, and further ones from files."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import Field

from kfi_allocation.api.forms import AUDITOR, PLANNER, SIGNATORY, Code, OneLine, SomeDay, Stated, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.refusals import TakenName
from kfi_allocation.domain.series import DatedSeries
from kfi_allocation.use_cases.load_series import load_series
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/series", tags=["series"])
Reader = Annotated[Edge[AllocationWork], edge(PLANNER, SIGNATORY, AUDITOR)]
Loader = Annotated[Edge[AllocationWork], edge(PLANNER)]


class StatedSeries(Stated):
    """A file with a figure for each municipality of the register."""

    name: Annotated[Code, Field(description="as the key of a policy names it: population, area, or another")]
    basis: Annotated[Code, Field(description="what it rests on; for population the policy names it")]
    counted_on: SomeDay
    holds_from: Annotated[SomeDay, Field(description="the first day of accounts kept by it")]
    source: Annotated[OneLine, Field(description="whose figures, under which licence; shown with them")]
    file: Annotated[str, Field(max_length=200_000, description="CSV with the head ags,figure and a point in figures")]


class SeriesLine(View):
    """A series that was loaded."""

    id: UUID
    name: str
    basis: str
    counted_on: date
    holds_from: date
    source: str
    municipalities: int
    total: Decimal

    @classmethod
    def of(cls, dated: DatedSeries) -> "SeriesLine":
        """The line of a series."""
        one = dated.series
        return cls(
            id=dated.id, name=one.name, basis=dated.basis, counted_on=one.counted_on, holds_from=dated.holds_from,
            source=one.source, municipalities=len(one.by_ags), total=sum(one.by_ags.values(), Decimal(0)),
        )  # fmt: skip


class SeriesView(SeriesLine):
    """A series with its figures."""

    by_ags: dict[str, Decimal]


@router.get("")
async def list_series(door: Reader, asked: Paged) -> Page[SeriesLine]:
    """The series that were loaded beside those of the register, the last first."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[SeriesLine]:
        found = await work.series.page(before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: SeriesLine.of(row[1]), lambda row: (row[0],))

    return await door.read(page)


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[TakenName], KINDS[DateNotPossible])
async def post_series(body: StatedSeries, once: Idempotent, door: Loader) -> SeriesView:
    """Load a series, whole or not at all; every problem names its line. What was loaded is never changed."""

    async def load(work: AllocationWork) -> UUID:
        return await load_series(
            body.name, body.basis, body.source, body.file, counted_on=body.counted_on, holds_from=body.holds_from,
            work=work,
        )  # fmt: skip

    view = await door.create(once, load, _view)
    door.located(f"/allocation/v1/series/{view.id}")
    return view


@router.get("/{series_id}")
async def get_series(series_id: UUID, door: Reader) -> SeriesView:
    """One series with its figures."""
    return await door.read(lambda work: _view(series_id, work))


async def _view(series_id: UUID, work: AllocationWork) -> SeriesView:
    dated = await work.series.get(series_id)
    return SeriesView(**SeriesLine.of(dated).model_dump(), by_ags=dict(dated.series.by_ags))
