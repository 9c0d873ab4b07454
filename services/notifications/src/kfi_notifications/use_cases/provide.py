"""A letter is provided in the inbox of its organisation, which is told that a message waits (§ 41 (2a) VwVfG).

The notice is an e-mail that says nothing else. Its Message-ID is that of the letter, so that a mailbox knows it as one
when it is sent again after a crash. Where nobody can be told, or nobody comes in time, the letter goes by post.
"""

from datetime import date, timedelta
from uuid import UUID

from kfi_chassis import logs
from kfi_notifications.channels.outcome import Undeliverable
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.notification import Notification
from kfi_notifications.repository import DocumentMissing
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import recipient_of

DEADLINE = "retrieval"


async def tell_that_it_waits(notification: Notification, work: NotificationsWork) -> date:
    """Send the notice; the day on which it was sent. Raises Undeliverable, Delayed."""
    content = work.writing_desk.open(notification)
    message = work.writing_desk.notice(notification, content, written_at=work.clock.now())
    await work.mail_server.hand_over(message, recipient_of(message))
    return work.calendar.today()


def provide(notification: Notification, on: date, work: NotificationsWork) -> None:
    """It is there to be retrieved, for ten days."""
    last_day = notification.provide(on)
    work.deadlines.schedule(DEADLINE, notification.id, last_day + timedelta(days=1))


async def post_instead(notification: Notification, failure: Undeliverable, work: NotificationsWork) -> None:
    """Nobody can be told by e-mail: the letter goes by post at once, as if there were no consent."""
    logs.event("notice_refused", notification=str(notification.id), reason=failure.reason)
    notification.post_instead()
    await work.notifications.save(notification, "posted-instead", reason=failure.reason)
    await work.deliveries.advance({notification.id: Step.LETTER}, due_at=work.clock.now())
    work.wake(Step.LETTER)


async def end_provision(notification_id: UUID, work: NotificationsWork) -> None:
    """Ten days have passed and nobody came: say so, and post it. Raises DocumentMissing, for a person to look at."""
    notification = await work.notifications.get(notification_id)
    if await work.documents.get(notification_id) is None:
        raise DocumentMissing
    notification.not_retrieved()
    await work.notifications.save(notification, "not-retrieved")
    await work.deliveries.add(
        notification_id, not_before=None, due_at=work.clock.now(), step=Step.LETTER, cause=work.cause
    )
    work.wake(Step.LETTER)
