"""A letter is stopped for good before it leaves, or it comes back after it has left."""

from datetime import date
from uuid import UUID

from kfi_chassis.transient import VersionConflict
from kfi_contracts.notifications import RecallReason, ReturnReason
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.notification import AlreadyHandedOver, Notification
from kfi_notifications.work import NotificationsWork


async def recall(
    notification_id: UUID, seen_version: int, reason: RecallReason, work: NotificationsWork
) -> Notification:
    """Stop a notification; the service that ordered it hears of it. Raises AlreadyHandedOver, VersionConflict.

    The row of its work is locked first: whoever hands it over at this moment has done so before, or never will.
    """
    step = await work.deliveries.lock(notification_id)
    notification = await _seen(notification_id, seen_version, work)
    if step is not None and await lies_in_the_spool(notification_id, step, work):
        raise AlreadyHandedOver(notification.state)
    notification.recall(reason, work.calendar.today())
    await work.notifications.save(notification, "recalled", reason=reason)
    await work.deliveries.finish([notification_id])
    hold = await work.holds.on_notification(notification_id)
    if hold is not None:
        hold.release(work.calendar.today())
        await work.holds.release(hold)
    return notification


async def record_return(
    notification_id: UUID, seen_version: int, reason: ReturnReason, returned_on: date, work: NotificationsWork
) -> Notification:
    """The post brought a letter back: its announcement does not count, and nothing is due for it any more.

    Raises NeverPosted, ReturnedBeforePosting, VersionConflict.
    """
    notification = await _seen(notification_id, seen_version, work)
    notification.come_back(reason, returned_on, today=work.calendar.today())
    await work.notifications.save(notification, "returned", reason=reason)
    for kind in ("announcement", "remedy-period-end"):
        work.deadlines.cancel(kind, notification_id)
    return notification


async def lies_in_the_spool(notification_id: UUID, step: Step, work: NotificationsWork) -> bool:
    """Whether a worker ended between handing a letter over and saying so: it may be printed already."""
    return step is Step.LETTER and await work.print_spool.found(notification_id) is not None


async def _seen(notification_id: UUID, seen_version: int, work: NotificationsWork) -> Notification:
    notification = await work.notifications.get(notification_id)
    if notification.version != seen_version:
        raise VersionConflict(retry=False)
    return notification
