"""Letters join the batch of a day, the batch is closed at the cut-off, and the print room says when it was posted."""

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID

from kfi_chassis.cause import Cause
from kfi_chassis.clock import BERLIN
from kfi_notifications.channels.print_spool import SpooledLetter
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.notification import Notification
from kfi_notifications.domain.print_batch import NotInBatch, PrintBatch, day_of_batch, is_due
from kfi_notifications.work import NotificationsWork


async def batch_of_now(cut_off: time, work: NotificationsWork) -> PrintBatch:
    """The batch that letters join at this moment; the next one where that of the day is closed already."""
    today = work.calendar.today()
    batch = await work.batches.joined(day_of_batch(today, local_time(work), cut_off))
    while batch.closed_at is not None:
        batch = await work.batches.joined(day_of_batch(batch.day, cut_off, cut_off))
    return batch


async def put_into(batch: PrintBatch, letter: SpooledLetter, work: NotificationsWork) -> date:
    """Write a letter into the folder of the batch. Raises Delayed."""
    await work.print_spool.place(letter, batch.day)
    return batch.day


async def close_due(cut_off: time, work: NotificationsWork) -> int:
    """Close the batches whose cut-off has passed and write their manifests; how many."""
    today, now = work.calendar.today(), local_time(work)
    due = [batch for batch in await work.batches.open_until(today) if is_due(batch, today, now, cut_off)]
    for batch in due:
        await _close(batch, work)
    return len(due)


async def acknowledge(
    batch_id: UUID,
    seen_version: int,
    manifest_sha256: str,
    posted_on: date,
    not_posted: Sequence[UUID],
    work: NotificationsWork,
) -> PrintBatch:
    """The letters of a batch were posted on that day, but for those named, which join the next batch.

    Raises BatchUnknown, VersionConflict, NotInBatch, and whatever keeps a batch from being acknowledged.
    """
    batch = await work.batches.get(batch_id, seen_version=seen_version)
    letters = {letter.notification_id for letter in await work.batches.letters(batch.id)}
    if not letters.issuperset(not_posted):
        raise NotInBatch
    batch.acknowledge(manifest_sha256, posted_on, today=work.calendar.today())
    await work.batches.save(batch, "acknowledged", {"posted_on": posted_on.isoformat()})
    await _posted(sorted(letters.difference(not_posted)), posted_on, work)
    if not_posted:
        await _once_more(not_posted, work)
    return batch


def local_time(work: NotificationsWork) -> time:
    """The time of day in Germany."""
    return work.clock.now().astimezone(BERLIN).time()


async def _close(batch: PrintBatch, work: NotificationsWork) -> None:
    letters = await work.batches.letters(batch.id)
    if not letters:
        await work.batches.drop(batch)
        return
    manifest = batch.close(letters, work.clock.now())
    await work.print_spool.close(batch.day, {letter.notification_id for letter in letters}, manifest)
    await work.batches.save(batch, "closed", {"letters": str(len(letters))})


async def _posted(ids: Sequence[UUID], on: date, work: NotificationsWork) -> None:
    notifications = await work.notifications.get_all(ids) if ids else {}
    for notification in notifications.values():
        _dispatch(notification, on, work)
    if notifications:
        await work.notifications.store(list(notifications.values()))
    for notification in notifications.values():
        work.follow(Cause.begin())  # letters that were posted together have nothing else in common
        work.notifications.record(notification, "dispatched")


def _dispatch(notification: Notification, on: date, work: NotificationsWork) -> None:
    period = notification.dispatch(on)
    if period is not None:
        work.deadlines.schedule("announcement", notification.id, period.announced.value)


async def _once_more(ids: Sequence[UUID], work: NotificationsWork) -> None:
    await work.batches.take_out(ids)
    for each in ids:
        await work.deliveries.add(each, not_before=None, due_at=work.clock.now(), step=Step.LETTER)
    work.wake(Step.LETTER)
