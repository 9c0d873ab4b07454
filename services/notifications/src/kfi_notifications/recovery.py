"""What became of notifications, rebuilt from the service's own events and the print spool after a restore.

A letter that has left the house must not leave it again: neither one whose event was published, nor one that lies in
the spool and of which nobody could tell any more. Of an e-mail only the event tells.
"""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from kfi_chassis.restore.declaration import Left, Past, Recovery
from kfi_contracts.notifications import (
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationRecalled,
    NotificationReturned,
    RemedyPeriodEnded,
)
from kfi_notifications.channels.print_spool import Found
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification, State
from kfi_notifications.use_cases import announce
from kfi_notifications.use_cases.provide import DEADLINE, end_provision, provide
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import PDF

recovery = Recovery()
_RESTORED: Final = "restored"


@recovery.on(NotificationDispatched)
async def it_has_left_the_house(event: NotificationDispatched, _: Past, work: NotificationsWork) -> Left | None:
    """On that day; the file that left is taken from the spool where the database has lost it."""
    notification = await work.notifications.get(event.notification_id)
    if event.through_inbox:
        return await _was_provided(notification, event.dispatched_on, work)
    return await _has_left(notification, event.dispatched_on, work)


@recovery.on(NotificationNotAnnounced)
async def it_was_not_retrieved_in_time(event: NotificationNotAnnounced, _: Past, work: NotificationsWork) -> None:
    """It goes by post, where no later event says that it has."""
    await end_provision(event.notification_id, work)
    work.deadlines.cancel(DEADLINE, event.notification_id)


@recovery.on(NotificationAnnounced)
async def it_counts_as_announced(event: NotificationAnnounced, _: Past, work: NotificationsWork) -> Left | None:
    """The days of law follow from the day of posting or retrieval, so they come out as they were published."""
    lost = event.through_inbox and await _was_retrieved(event, work)
    await announce.announce(event.notification_id, work)
    work.deadlines.cancel("announcement", event.notification_id)
    return Left("retrieval_lost") if lost else None


@recovery.on(RemedyPeriodEnded)
async def its_remedy_period_is_over(event: RemedyPeriodEnded, _: Past, work: NotificationsWork) -> None:
    """Nothing is due any more."""
    await announce.end_remedy_period(event.notification_id, work)
    work.deadlines.cancel("remedy-period-end", event.notification_id)


@recovery.on(NotificationFailed)
async def it_has_failed(event: NotificationFailed, _: Past, work: NotificationsWork) -> None:
    """Nobody tries again."""
    notification = await work.notifications.get(event.notification_id)
    notification.fail(event.reason)
    await work.notifications.save(notification, "failed", reason=event.reason)
    await work.deliveries.finish([notification.id])


@recovery.on(NotificationRecalled)
async def it_was_recalled(event: NotificationRecalled, _: Past, work: NotificationsWork) -> None:
    """It never leaves the house."""
    notification = await work.notifications.get(event.notification_id)
    notification.recall(event.reason, event.recalled_on)
    await work.notifications.save(notification, "recalled", reason=event.reason)
    await work.deliveries.finish([notification.id])


@recovery.on(NotificationReturned)
async def it_came_back(event: NotificationReturned, _: Past, work: NotificationsWork) -> None:
    """It does not count as announced, whatever was counted before."""
    notification = await work.notifications.get(event.notification_id)
    notification.come_back(event.reason, event.returned_on, today=event.returned_on)
    await work.notifications.save(notification, "returned", reason=event.reason)
    for kind in ("announcement", "remedy-period-end"):
        work.deadlines.cancel(kind, event.notification_id)


@recovery.afterwards
async def letters_in_the_spool_have_left(work: NotificationsWork) -> list[str]:
    """Letters that were handed over just before the database was lost, so that no event tells of it.

    Before that: what could not follow its own events is not handed over again.
    """
    found = [
        f"the notification {one} could not be rebuilt: nothing of it leaves any more"
        for one in await work.deliveries.drop_where_the_outbox_is_ahead()
    ]
    for notification_id in await work.deliveries.of_steps([Step.PREPARE, Step.LETTER]):
        spooled = await work.print_spool.found(notification_id)
        if spooled is not None and work.settings.print_cut_off is not None:
            await _lies_in_its_batch(notification_id, spooled, work)
            found.append(f"the letter {notification_id} lies in the print batch of {spooled.handed_over_on}")
        elif spooled is not None:
            notification = await work.notifications.get(notification_id)
            await _has_left(notification, spooled.handed_over_on, work)
            found.append(f"the letter {notification_id} lies in the print spool")
    return found


async def _was_provided(notification: Notification, on: date, work: NotificationsWork) -> Left | None:
    lost = notification.state is State.ORDERED
    if lost:
        notification.prepare()
    notification.through_inbox = True  # what the organisation said before the database was lost may be lost as well
    provide(notification, on, work)
    await work.notifications.save(notification, "provided", reason=_RESTORED)
    await work.deliveries.finish([notification.id])
    return Left("document_lost") if lost else None


async def _was_retrieved(event: NotificationAnnounced, work: NotificationsWork) -> bool:
    """Whether it had to be entered again that the letter was retrieved, on the day before its announcement."""
    notification = await work.notifications.get(event.notification_id)
    if notification.state is not State.PROVIDED:
        return False
    notification.retrieve(event.announced_on - timedelta(days=1))
    await work.notifications.save(notification, "retrieved", reason=_RESTORED)
    work.deadlines.cancel(DEADLINE, notification.id)
    return True


async def _has_left(notification: Notification, on: date, work: NotificationsWork) -> Left | None:
    lost = notification.state is State.ORDERED
    if lost:
        notification.prepare()
    period = notification.dispatch(on)
    if period is not None:
        work.deadlines.schedule("announcement", notification.id, period.announced.value)
    await work.notifications.save(notification, "dispatched", reason=_RESTORED)
    await work.deliveries.finish([notification.id])
    if not lost or await _document_found(notification, on, work) or notification.legal_effect is LegalEffect.NONE:
        return None
    return Left("document_lost")


async def _lies_in_its_batch(notification_id: UUID, spooled: Found, work: NotificationsWork) -> None:
    """It was handed over, and the print room says when it was posted; until then nothing is counted."""
    notification = await work.notifications.get(notification_id)
    if notification.state is State.ORDERED:
        notification.prepare()
        await _document_found(notification, spooled.handed_over_on, work)
    notification.hand_over()
    batch = await work.batches.joined(spooled.handed_over_on)
    await work.notifications.save(notification, "handed-over", reason=_RESTORED)
    await work.batches.add_letters(batch.id, [notification_id])
    await work.deliveries.finish([notification_id])


async def _document_found(notification: Notification, on: date, work: NotificationsWork) -> bool:
    """Whether the very file that left is in the spool still; it is then kept again."""
    spooled = await work.print_spool.found(notification.id)
    if spooled is None or spooled.content is None:
        return False
    document = StoredDocument(PDF, spooled.content, spooled.sha256, spooled.pages, on)
    await work.documents.keep({notification.id: document})
    return True
