"""An order comes in."""

from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.notification import Notification, State
from kfi_notifications.domain.orders import OrderRefused, check
from kfi_notifications.work import NotificationsWork


async def accept_order(order: NotificationOrdered, work: NotificationsWork) -> None:
    """Keep the order, its content still sealed, and leave its delivery to the workers; all in one transaction.

    A letter to an organisation that has consented goes to its inbox: what it says now counts for this order. The same
    order in another event is taken once. Raises OrderRefused for one that cannot be carried out, and for
    another content under an id that was ordered before.
    """
    check(order)
    consented = order.organisation is not None and (await work.consents.of(order.organisation)).given
    notification = Notification.accept(order, on=work.calendar.today(), consented=consented)
    if await work.notifications.add(notification):
        if notification.state is State.COVERED:
            return
        await work.deliveries.add(
            order.notification_id, not_before=order.not_before, due_at=work.clock.now(), cause=work.cause
        )
        work.wake(Step.PREPARE)
        return
    earlier = await work.notifications.get(order.notification_id)
    if earlier.content_digest != order.content_digest:
        raise OrderRefused("ordered_before_with_another_content")
