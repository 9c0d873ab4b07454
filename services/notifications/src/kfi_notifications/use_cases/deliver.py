"""Orders leave the house, in two transactions: their documents are written and kept, then handed over.

Whatever leaves was stored before, so a crash at any instruction repeats the very same bytes. The handing over is the
one effect outside of the transaction; each channel makes it the same to do it twice. A transaction takes up a few that
are due, side by side, so that a burst is written by all processors and stored at once. What stops one notification is
noted on its own row and tried later: it holds up no other.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from kfi_chassis import logs, tracing
from kfi_contracts.notifications import FailureReason
from kfi_notifications.channels.outcome import Delayed, Undeliverable
from kfi_notifications.channels.print_spool import SpooledLetter
from kfi_notifications.deliveries import Delivery, Step
from kfi_notifications.domain.backoff import delay_after
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification
from kfi_notifications.domain.print_batch import PrintBatch
from kfi_notifications.repository import DocumentMissing
from kfi_notifications.use_cases.print_batches import batch_of_now, put_into
from kfi_notifications.use_cases.provide import post_instead, provide, tell_that_it_waits
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import recipient_of

T = TypeVar("T")

_LEFT: Final = {Step.INBOX: "provided"}
AT_ONCE: Final = 8
"""So many are taken up by one transaction: the first of them waits for the last, and a crash repeats them all."""


@dataclass(frozen=True)
class Taken:
    """A piece of work of this transaction, with the notification it is for."""

    delivery: Delivery
    notification: Notification


async def prepare_due(work: NotificationsWork) -> int:
    """Write and keep the documents of the orders that are due for longest; how many were taken up."""
    taken = await _take(Step.PREPARE, work)
    now = work.clock.now()
    erased = await work.persons.erased_among(one.notification.concerns for one in taken) if taken else frozenset()
    done = await _attempt(taken, lambda one: _write(one, work, erased), work)
    if done:
        for one, _ in done:
            one.notification.prepare()
        await work.documents.keep({one.notification.id: document for one, document in done})
        await _save(done, "prepared", work)
        steps = {one.notification.id: _way_of(one.notification) for one, _ in done}
        await work.deliveries.advance(steps, due_at=now + work.settings.letters_rest)
        for step in set(steps.values()):
            work.wake(step)
    return len(taken)


async def hand_over_due(step: Step, work: NotificationsWork) -> int:
    """Hand over the letters or e-mails that are due for longest; how many were taken up. Raises DocumentMissing."""
    taken = await _take(step, work)
    documents = await work.documents.get_all([one.notification.id for one in taken]) if taken else {}
    if len(documents) < len(taken):
        raise DocumentMissing
    batch = await _batch(step, work) if taken else None
    done = await _attempt(taken, lambda one: _hand_over(one, documents[one.notification.id], batch, work), work)
    if done:
        ids = [one.notification.id for one, _ in done]
        for one, handed_over_on in done:
            _has_left(one.notification, handed_over_on, batch, work)
        await _save(done, _LEFT.get(step, "dispatched") if batch is None else "handed-over", work)
        await work.deliveries.finish(ids)
        if batch is not None:
            await work.batches.add_letters(batch.id, ids)
    return len(taken)


async def _batch(step: Step, work: NotificationsWork) -> PrintBatch | None:
    """The print batch that letters join; None where nobody acknowledges one, and for all that is not printed."""
    cut_off = work.settings.print_cut_off
    return None if cut_off is None or step is not Step.LETTER else await batch_of_now(cut_off, work)


async def _take(step: Step, work: NotificationsWork) -> Sequence[Taken]:
    today, now = work.calendar.today(), work.clock.now()
    deliveries = await work.deliveries.claim(step, today=today, now=now, most=AT_ONCE)
    if not deliveries:
        return []
    notifications = await work.notifications.get_all([delivery.notification_id for delivery in deliveries])
    return [Taken(delivery, notifications[delivery.notification_id]) for delivery in deliveries]


async def _write(one: Taken, work: NotificationsWork, erased: Set[UUID]) -> StoredDocument:
    if one.notification.concerns in erased:
        raise Undeliverable(FailureReason.CONTENT_NOT_OPENABLE)
    now, begun = work.clock.now(), time.perf_counter()
    content = work.writing_desk.open(one.notification)
    opened = time.perf_counter()
    document = await work.writing_desk.write(
        one.notification, content=content, dated_on=work.calendar.today(), written_at=now
    )
    logs.event(
        "document_written",
        notification=str(one.notification.id),
        waited_ms=_milliseconds((now - one.delivery.due_at).total_seconds()),
        opening_ms=_milliseconds(opened - begun),
        writing_ms=_milliseconds(time.perf_counter() - opened),
    )
    return document


async def _hand_over(one: Taken, document: StoredDocument, batch: PrintBatch | None, work: NotificationsWork) -> date:
    if one.notification.through_inbox:
        return await tell_that_it_waits(one.notification, work)
    today = work.calendar.today()
    if document.pages is None:
        await work.mail_server.hand_over(document.content, recipient_of(document.content))
        return today
    letter = SpooledLetter(one.notification.id, document.content, document.sha256, document.pages)
    if batch is not None:
        return await put_into(batch, letter, work)
    return await work.print_spool.hand_over(letter, today)


def _way_of(notification: Notification) -> Step:
    return Step.INBOX if notification.through_inbox else Step(notification.channel.value)


def _has_left(notification: Notification, on: date, batch: PrintBatch | None, work: NotificationsWork) -> None:
    if batch is not None:
        notification.hand_over()
        return
    if notification.through_inbox:
        provide(notification, on, work)
        return
    period = notification.dispatch(on)
    if period is not None:
        work.deadlines.schedule("announcement", notification.id, period.announced.value)


async def _save(done: Sequence[tuple[Taken, T]], action: str, work: NotificationsWork) -> None:
    await work.notifications.store([one.notification for one, _ in done])
    for one, _ in done:
        work.follow(one.delivery.cause)  # letters that left together have nothing else in common
        work.notifications.record(one.notification, action)


async def _attempt(
    taken: Sequence[Taken], effort: Callable[[Taken], Awaitable[T]], work: NotificationsWork
) -> list[tuple[Taken, T]]:
    """The efforts that succeeded, made side by side; what failed for good or is put off is on record."""
    done: list[tuple[Taken, T]] = []
    for one, outcome in await asyncio.gather(*(_traced(effort, one) for one in taken)):
        work.follow(one.delivery.cause)
        if isinstance(outcome, Undeliverable) and one.delivery.step is Step.INBOX:
            await post_instead(one.notification, outcome, work)
        elif isinstance(outcome, Undeliverable):
            one.notification.fail(outcome.reason)
            await work.notifications.save(one.notification, "failed", reason=outcome.reason)
            await work.deliveries.finish([one.notification.id])
        elif isinstance(outcome, Delayed):
            await _put_off(one.delivery, outcome.obstacle, work)
        else:
            done.append((one, outcome))
    return done


async def _traced(effort: Callable[[Taken], Awaitable[T]], one: Taken) -> tuple[Taken, T | Undeliverable | Delayed]:
    """Make the effort under the trace of the order; what follows from it is under the effort."""
    given, number, attempt = one.delivery, one.notification.id, one.delivery.attempts + 1
    with (
        logs.within(correlation=given.correlation_id, trace=given.traceparent),
        tracing.span(
            given.step.value, "consumer", parent=given.traceparent, notification=number, attempt=attempt
        ) as span,
    ):
        outcome = await _outcome(effort, one)
        if isinstance(outcome, (Undeliverable, Delayed)):
            span.tell(outcome=type(outcome).__name__)
        return replace(one, delivery=replace(given, traceparent=logs.trace.get())), outcome


async def _outcome(effort: Callable[[Taken], Awaitable[T]], one: Taken) -> T | Undeliverable | Delayed:
    try:
        return await effort(one)
    except (Undeliverable, Delayed) as outcome:
        return outcome
    except Exception as error:  # noqa: BLE001 - a fault of ours in one letter must not hold up the others
        logs.event("delivery_met_a_fault", error=error)
        return Delayed("fault")


async def _put_off(delivery: Delivery, obstacle: str, work: NotificationsWork) -> None:
    delay = delay_after(delivery.attempts + 1, random.random())  # noqa: S311 - a spread is no secret
    logs.event("delivery_put_off", step=delivery.step, obstacle=obstacle, notification=str(delivery.notification_id))
    await work.deliveries.postpone(delivery, obstacle, due_at=work.clock.now() + delay)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
