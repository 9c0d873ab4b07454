"""Days pass: an act counts as announced, then its remedy period is over."""

from uuid import UUID

from kfi_notifications.work import NotificationsWork


async def announce(notification_id: UUID, work: NotificationsWork) -> None:
    """The day of announcement has come: say so, and wait for the end of the remedy period."""
    notification = await work.notifications.get(notification_id)
    period = notification.announce()
    await work.notifications.save(notification, "announced")
    work.deadlines.schedule("remedy-period-end", notification.id, period.final_from.value)


async def end_remedy_period(notification_id: UUID, work: NotificationsWork) -> None:
    """The day after the last day for a remedy has come: say so."""
    notification = await work.notifications.get(notification_id)
    notification.end_remedy_period()
    await work.notifications.save(notification, "remedy-period-ended")
