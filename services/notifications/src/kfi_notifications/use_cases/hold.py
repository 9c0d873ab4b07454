"""Letters are held back in time, and released."""

from uuid import UUID, uuid4

from kfi_notifications.domain.hold import Hold, HoldReason, HoldScope
from kfi_notifications.domain.notification import AlreadyHandedOver
from kfi_notifications.use_cases.recall import lies_in_the_spool
from kfi_notifications.work import NotificationsWork


async def place_hold(scope: HoldScope, target: str, reason: HoldReason, work: NotificationsWork) -> UUID:
    """Hold one notification, or whatever a template or a service has to leave; its document is written meanwhile.

    Raises AlreadyHeld, NotificationUnknown, and AlreadyHandedOver for a notification that has left.
    """
    hold = Hold(uuid4(), scope, target, reason, work.calendar.today())
    await work.holds.add(hold)
    if scope is HoldScope.NOTIFICATION:
        await _hold_back(UUID(target), hold.id, work)
    return hold.id


async def release_hold(hold_id: UUID, seen_version: int, work: NotificationsWork) -> Hold:
    """What was held may leave. Raises AlreadyReleased, HoldUnknown, VersionConflict."""
    hold = await work.holds.get(hold_id, seen_version=seen_version)
    hold.release(work.calendar.today())
    await work.holds.release(hold)
    if hold.scope is HoldScope.NOTIFICATION:
        await work.deliveries.hold_back(UUID(hold.target), None)
    for step in await work.deliveries.steps_waiting():
        work.wake(step)
    return hold


async def _hold_back(notification_id: UUID, hold_id: UUID, work: NotificationsWork) -> None:
    notification = await work.notifications.get(notification_id)
    step = await work.deliveries.lock(notification_id)
    if step is None or await lies_in_the_spool(notification_id, step, work):
        raise AlreadyHandedOver(notification.state)
    await work.deliveries.hold_back(notification_id, hold_id)
