"""Forward notice: what a town has to expect within the next 2 to 12 weeks, in ranges, before anybody has decided."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.api.town_doors import TOWN, Ags, at_own_door
from kfi_allocation.domain.outlook.forecast import PROMISED, Span
from kfi_allocation.domain.outlook.ranges import Range
from kfi_allocation.outlooks import NoOutlookYet, StoredOutlook
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problems import NotFound, documents

STAFF = ("allocation-planner", "allocation-signatory", "auditor")
router = APIRouter(tags=["outlook"])
Staff = Annotated[Edge[AllocationWork], edge(*STAFF)]
Reader = Annotated[Edge[AllocationWork], edge(TOWN, *STAFF)]


class RangeView(BaseModel):
    """From the least to the most."""

    model_config = ConfigDict(frozen=True)

    least: int
    most: int


class CertainView(BaseModel):
    """Of the figures of a span, those of households that have their town: this one."""

    model_config = ConfigDict(frozen=True)

    households: int
    persons: int
    school_children: int
    barrier_free: int


class SpanView(BaseModel):
    """What comes within some weeks. Each range holds by itself as often as promised, and has in it what is certain."""

    model_config = ConfigDict(frozen=True)

    weeks: Annotated[int | None, Field(description="Absent: households whose day of arrival nobody has said.")]
    until: date | None
    households: RangeView
    persons: RangeView
    school_children: RangeView
    barrier_free: Annotated[RangeView, Field(description="Flats for households that need one without barriers.")]
    certain: CertainView


class OutlookView(BaseModel):
    """The outlook of one town."""

    model_config = ConfigDict(frozen=True)

    ags: str
    as_of: date
    computed_at: datetime
    changed_at: Annotated[datetime, Field(description="Since when the town is told this.")]
    policy_version: str
    method: Annotated[
        str, Field(description="The model of the chances; another name: other ranges from the same lists.")
    ]
    promised: Annotated[str, Field(description="The share of towns whose figures fall within a range, at least.")]
    spans: tuple[SpanView, ...]


@router.get("/municipalities/{ags}/outlook")
@documents(NotFound)
async def get_outlook(ags: Ags, door: Reader) -> OutlookView:
    """What a town has to expect; its ETag changes when the figures do. A town reads its own."""
    at_own_door(door, ags)

    async def read(work: AllocationWork) -> OutlookView:
        try:
            found = await work.outlooks.of_town(ags)
        except NoOutlookYet:
            raise NotFound from None
        door.etag(found.version)
        return _view(found)

    return await door.read(read)


@router.get("/outlook")
async def list_outlooks(page: Paged, door: Staff) -> Page[OutlookView]:
    """What all towns have to expect, by AGS; nothing before it was computed for the first time."""

    async def read(work: AllocationWork) -> Page[OutlookView]:
        after = page.after(str)
        found = await work.outlooks.page(after[0] if after else "", page.rows)
        return page.page(found, _view, lambda each: (each.outlook.ags,))

    return await door.read(read)


def _view(found: StoredOutlook) -> OutlookView:
    return OutlookView(
        ags=found.outlook.ags,
        as_of=found.basis.as_of,
        computed_at=found.basis.computed_at,
        changed_at=found.changed_at,
        policy_version=found.basis.policy_version,
        method=found.basis.method,
        promised=str(float(PROMISED)),
        spans=tuple(_span(span) for span in found.outlook.spans),
    )


def _span(span: Span) -> SpanView:
    ranges: dict[str, Any] = {measure: _range(held) for measure, held in span.ranges.items()}
    return SpanView(weeks=span.weeks, until=span.until, certain=CertainView(**asdict(span.certain)), **ranges)


def _range(held: Range) -> RangeView:
    return RangeView(least=held.least, most=held.most)
