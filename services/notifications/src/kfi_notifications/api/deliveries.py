"""`/deliveries`: how much work waits, since when, and what stops it; for operators, without a person or an id."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from kfi_chassis.edge import Edge, edge
from kfi_notifications.deliveries import Step
from kfi_notifications.work import NotificationsWork

router = APIRouter(tags=["deliveries"])


class WaitingView(BaseModel):
    """The work of one step that one obstacle stops; no obstacle: it was not tried yet."""

    step: Step
    obstacle: str | None
    count: int
    waiting_since: datetime


class WaitingList(BaseModel):
    """All work that may be done today."""

    items: list[WaitingView]


@router.get("/deliveries")
async def list_deliveries(edge: Annotated[Edge[NotificationsWork], edge("operator", "auditor")]) -> WaitingList:
    """See what waits, by step and obstacle."""

    async def read(work: NotificationsWork) -> WaitingList:
        waiting = await work.deliveries.waiting(today=work.calendar.today())
        return WaitingList(
            items=[
                WaitingView(step=each.step, obstacle=each.obstacle, count=each.count, waiting_since=each.since)
                for each in waiting
            ]
        )

    return await edge.read(read)
