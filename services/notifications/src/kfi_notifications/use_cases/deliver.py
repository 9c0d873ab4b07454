"""An order leaves the house, in two transactions: its document is written and kept, then handed over.

Whatever leaves was stored before, so a crash at any instruction repeats the very same bytes. The handing over is the
one effect outside of the transaction; each channel makes it the same to do it twice. What stops one notification is
noted on its own row and tried later: it holds up no other.
"""

import random
from collections.abc import Awaitable
from datetime import date
from typing import TypeVar

from kfi_chassis import logs
from kfi_notifications.channels.outcome import Delayed, Undeliverable
from kfi_notifications.channels.print_spool import SpooledLetter
from kfi_notifications.deliveries import Delivery, Step
from kfi_notifications.domain.backoff import delay_after
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import recipient_of

T = TypeVar("T")


class DocumentMissing(LookupError):
    """A prepared notification has no document: the database was changed by hand."""


async def prepare_next(work: NotificationsWork) -> bool:
    """Write and keep the document of the order that is due for longest; False when none is due."""
    delivery = await _claim(work, Step.PREPARE)
    if delivery is None:
        return False
    notification = await work.notifications.get(delivery.notification_id)
    now = work.clock.now()
    writing = work.writing_desk.write(notification, dated_on=work.calendar.today(), written_at=now)
    document = await _attempt(writing, delivery, notification, work)
    if document is not None:
        notification.prepare()
        await work.documents.keep(notification.id, document)
        await work.notifications.save(notification, "prepared")
        step = Step(notification.channel.value)
        await work.deliveries.advance(delivery, step, due_at=now)
        work.wake(step)
    return True


async def hand_over_next(step: Step, work: NotificationsWork) -> bool:
    """Hand over the letter or e-mail that is due for longest; False when none is due."""
    delivery = await _claim(work, step)
    if delivery is None:
        return False
    notification = await work.notifications.get(delivery.notification_id)
    document = await work.documents.get(delivery.notification_id)
    if document is None:
        raise DocumentMissing
    handed_over_on = await _attempt(_hand_over(notification, document, work), delivery, notification, work)
    if handed_over_on is not None:
        await _record_dispatch(notification, handed_over_on, work)
        await work.deliveries.finish(delivery)
    return True


async def _claim(work: NotificationsWork, step: Step) -> Delivery | None:
    return await work.deliveries.claim(step, today=work.calendar.today(), now=work.clock.now())


async def _hand_over(notification: Notification, document: StoredDocument, work: NotificationsWork) -> date:
    today = work.calendar.today()
    if document.pages is None:
        await work.mail_server.hand_over(document.content, recipient_of(document.content))
        return today
    letter = SpooledLetter(notification.id, document.content, document.sha256, document.pages)
    return await work.print_spool.hand_over(letter, today)


async def _record_dispatch(notification: Notification, on: date, work: NotificationsWork) -> None:
    period = notification.dispatch(on)
    await work.notifications.save(notification, "dispatched")
    if period is not None:
        work.deadlines.schedule("announcement", notification.id, period.announced.value)


async def _attempt(
    effort: Awaitable[T], delivery: Delivery, notification: Notification, work: NotificationsWork
) -> T | None:
    """The result of the effort; None when it failed for good or is put off, which is then on record."""
    try:
        return await effort
    except Undeliverable as failure:
        notification.fail(failure.reason)
        await work.notifications.save(notification, "failed", reason=failure.reason)
        await work.deliveries.finish(delivery)
    except Delayed as delay:
        await _put_off(delivery, delay.obstacle, work)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one letter must not hold up the others
        logs.event("delivery_met_a_fault", error=error)
        await _put_off(delivery, "fault", work)
    return None


async def _put_off(delivery: Delivery, obstacle: str, work: NotificationsWork) -> None:
    delay = delay_after(delivery.attempts + 1, random.random())  # noqa: S311 - a spread is no secret
    logs.event("delivery_put_off", step=delivery.step, obstacle=obstacle, notification=str(delivery.notification_id))
    await work.deliveries.postpone(delivery, obstacle, due_at=work.clock.now() + delay)
