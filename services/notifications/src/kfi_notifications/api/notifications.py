"""`/notifications`: read one, or all about an aggregate."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged
from kfi_notifications.api.readers import READERS, refuse_applicants, services_of, theirs
from kfi_notifications.api.views import NotificationView, view_of
from kfi_notifications.domain.notification import Notification
from kfi_notifications.work import NotificationsWork

router = APIRouter(tags=["notifications"])
ReaderEdge = Annotated[Edge[NotificationsWork], edge(*READERS)]


@router.get("/notifications/{notification_id}")
async def read_notification(notification_id: UUID, edge: ReaderEdge) -> NotificationView:
    """Read one notification; its ETag is the version."""
    refuse_applicants(edge.principal)

    async def read(work: NotificationsWork) -> NotificationView:
        return await shown(theirs(await work.notifications.get(notification_id), edge.principal), edge, work)

    return await edge.read(read)


@router.get("/notifications")
async def list_notifications(
    edge: ReaderEdge,
    paged: Paged,
    concerns: Annotated[UUID, Query(description="The orderer's aggregate, such as an application.")],
) -> Page[NotificationView]:
    """List the notifications about one aggregate in order of arrival, as far as they are this person's business."""
    refuse_applicants(edge.principal)

    async def read(work: NotificationsWork) -> Page[NotificationView]:
        after = paged.after(int)
        found = await work.notifications.page(
            concerns, after=0 if after is None else after[0], limit=paged.rows, of=services_of(edge.principal)
        )
        views = await _views([notification for _, notification in found], edge, work)
        numbered = list(zip([number for number, _ in found], views, strict=True))
        return paged.page(numbered, lambda row: row[1], lambda row: [row[0]])

    return await edge.read(read)


async def shown(notification: Notification, edge: Edge[NotificationsWork], work: NotificationsWork) -> NotificationView:
    """One notification for this reader; its version becomes the ETag of the answer."""
    edge.etag(notification.version)
    return (await _views([notification], edge, work))[0]


async def _views(
    notifications: Sequence[Notification], edge: Edge[NotificationsWork], work: NotificationsWork
) -> list[NotificationView]:
    ids = [notification.id for notification in notifications]
    obstacles, digests = await work.deliveries.obstacles(ids), await work.documents.digests(ids)
    roles = edge.principal.roles
    return [view_of(each, obstacles.get(each.id), digests.get(each.id), roles) for each in notifications]
