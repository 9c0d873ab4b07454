"""`/notifications/{id}/recall` and `/return`: stopped before it left, or brought back by the post."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents
from kfi_contracts.notifications import RecallReason, ReturnReason
from kfi_notifications.api.notifications import shown
from kfi_notifications.api.problems import ALREADY_HANDED_OVER, NEVER_POSTED, RETURNED_BEFORE_POSTING
from kfi_notifications.api.readers import theirs
from kfi_notifications.api.views import NotificationView
from kfi_notifications.domain.duties import CASEWORKERS, SIGNATORIES
from kfi_notifications.use_cases.recall import recall, record_return
from kfi_notifications.work import NotificationsWork

router = APIRouter(prefix="/notifications/{notification_id}", tags=["recalls"])
Signatory = Annotated[Edge[NotificationsWork], edge(*SIGNATORIES)]
Caseworker = Annotated[Edge[NotificationsWork], edge(*CASEWORKERS, *SIGNATORIES)]


class Recall(BaseModel):
    """Why a notification is stopped."""

    model_config = ConfigDict(extra="forbid")

    reason: RecallReason


class Return(BaseModel):
    """When and why the post brought a letter back."""

    model_config = ConfigDict(extra="forbid")

    returned_on: date
    reason: ReturnReason


@router.post("/recall")
@documents(ALREADY_HANDED_OVER)
async def post_recall(notification_id: UUID, body: Recall, seen: IfMatch, edge: Signatory) -> NotificationView:
    """Stop a notification for good before it leaves; once it was handed over, only a correction helps."""

    async def stop(work: NotificationsWork) -> NotificationView:
        theirs(await work.notifications.get(notification_id), edge.principal)
        return await shown(await recall(notification_id, seen, body.reason, work), edge, work)

    return await edge.command(stop)


@router.post("/return")
@documents(NEVER_POSTED, RETURNED_BEFORE_POSTING)
async def post_return(notification_id: UUID, body: Return, seen: IfMatch, edge: Caseworker) -> NotificationView:
    """Record that the post brought a letter back: it does not count as announced; a person looks for the address."""

    async def record(work: NotificationsWork) -> NotificationView:
        theirs(await work.notifications.get(notification_id), edge.principal)
        returned = await record_return(notification_id, seen, body.reason, body.returned_on, work)
        return await shown(returned, edge, work)

    return await edge.command(record)
