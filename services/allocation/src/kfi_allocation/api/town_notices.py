"""The e-mails that tell towns to look behind the gateway, where they failed."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from kfi_allocation.api.placement_doors import Planner, Staff
from kfi_allocation.town_notices import TownNotice
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Idempotent
from kfi_chassis.paging import Page, Paged
from kfi_contracts.allocation_letters import NoticeOccasion

router = APIRouter(prefix="/town-notices", tags=["town notices"])


class NoticeView(BaseModel):
    """An e-mail to a town that did not get out; `concerns` is the run or the household it is about."""

    id: UUID
    concerns: UUID
    occasion: NoticeOccasion
    ags: str
    placements: int
    object_until: date | None
    ordered_on: date
    failed: str | None

    @classmethod
    def of(cls, it: TownNotice) -> "NoticeView":
        """The notice."""
        return cls(**{name: getattr(it, name) for name in cls.model_fields})


class OrderedNotice(BaseModel):
    """The notification that was ordered."""

    id: UUID


@router.get("/failed")
async def list_failed_notices(door: Staff, asked: Paged) -> Page[NoticeView]:
    """E-mails to towns that did not get out and were not ordered again, the oldest first."""
    after = asked.after(date.fromisoformat, UUID)
    place = (after[0], after[1]) if after else None

    async def page(work: AllocationWork) -> Page[NoticeView]:
        found = await work.notices.failed(after=place, rows=asked.rows)
        return asked.page(found, NoticeView.of, lambda notice: (notice.ordered_on, notice.id))

    return await door.read(page)


@router.post("/{notice_id}/order", status_code=201)
async def post_notice_order(notice_id: UUID, once: Idempotent, door: Planner) -> OrderedNotice:
    """Order one again after it failed."""

    async def show(ordered: UUID, _: AllocationWork) -> OrderedNotice:
        return OrderedNotice(id=ordered)

    return await door.create(once, lambda work: work.notices.order_again(notice_id), show)
