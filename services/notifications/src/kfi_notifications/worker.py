"""What the worker does: write documents, hand them over, and act on the days of law.

Letters and e-mails leave by steps of their own: a mail server that answers slowly holds up no letter.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from kfi_chassis import invariants
from kfi_chassis.deadlines import Deadline
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker
from kfi_notifications.batches import Unacknowledged
from kfi_notifications.deliveries import Step, Waiting
from kfi_notifications.metrics import NotificationsMetrics
from kfi_notifications.use_cases import announce, provide
from kfi_notifications.use_cases.deliver import hand_over_due, prepare_due
from kfi_notifications.use_cases.print_batches import close_due
from kfi_notifications.work import NotificationsWork

worker = Worker()
_SELF: Final = SYSTEM("notifications")
_LOOK: Final = timedelta(seconds=1)


@worker.each(Step.PREPARE, every=_LOOK)
async def documents_are_written(transactions: Transactions[NotificationsWork]) -> int:
    """Write the next documents that are due."""
    return await transactions.run(prepare_due, actor=_SELF)


@worker.each(Step.LETTER, every=_LOOK)
async def letters_go_to_the_print_spool(transactions: Transactions[NotificationsWork]) -> int:
    """Hand over the next letters that are due."""
    return await transactions.run(partial(hand_over_due, Step.LETTER), actor=_SELF)


@worker.each(Step.EMAIL, every=_LOOK)
async def emails_go_to_the_mail_server(transactions: Transactions[NotificationsWork]) -> int:
    """Hand over the next e-mails that are due."""
    return await transactions.run(partial(hand_over_due, Step.EMAIL), actor=_SELF)


@worker.each(Step.INBOX, every=_LOOK)
async def organisations_are_told_that_a_message_waits(transactions: Transactions[NotificationsWork]) -> int:
    """Provide the next letters that go to an inbox."""
    return await transactions.run(partial(hand_over_due, Step.INBOX), actor=_SELF)


@worker.each("print-batches", every=timedelta(seconds=10))
async def print_batches_are_closed(transactions: Transactions[NotificationsWork]) -> int:
    """Close the batches whose cut-off has passed; none are made where no cut-off is configured."""

    async def close(work: NotificationsWork) -> int:
        cut_off = work.settings.print_cut_off
        return 0 if cut_off is None else await close_due(cut_off, work)

    return await transactions.run(close, actor=_SELF)


@worker.measure("batches")
async def batches_nobody_acknowledged(
    transactions: Transactions[NotificationsWork], metrics: NotificationsMetrics
) -> None:
    """How many closed print batches the print room has not acknowledged, and for how long."""

    async def read(work: NotificationsWork) -> tuple[datetime, Unacknowledged]:
        return work.clock.now(), await work.batches.unacknowledged()

    now, waiting = await transactions.run(read, actor=_SELF)
    metrics.print_batches_unacknowledged.set(waiting.count)
    age = 0.0 if waiting.since is None else (now - waiting.since).total_seconds()
    metrics.print_batch_oldest_age_seconds.set(age)


INVARIANTS: Final = {
    "work-for-what-has-not-left": """
        SELECT FROM notification FULL JOIN delivery ON id = notification_id
        WHERE (state IN ('ordered', 'prepared', 'not-retrieved')) IS DISTINCT FROM (notification_id IS NOT NULL)""",
}
"""Queries that find what breaks a promise of this service's database; they find nothing."""


@worker.measure("invariants", every=invariants.EVERY)
async def promises_are_kept(transactions: Transactions[NotificationsWork], metrics: NotificationsMetrics) -> None:
    """Whatever has not left waits for somebody, and nothing else does."""
    await invariants.measure(transactions, metrics, INVARIANTS)


@worker.measure("letters")
async def letters_that_wait(transactions: Transactions[NotificationsWork], metrics: NotificationsMetrics) -> None:
    """How many letters and e-mails have not left, and for how long, by what stops them."""

    async def read(work: NotificationsWork) -> tuple[datetime, Sequence[Waiting]]:
        return work.clock.now(), await work.deliveries.waiting(today=work.calendar.today())

    now, waiting = await transactions.run(read, actor=_SELF)
    metrics.letters_waiting.clear()
    metrics.letters_oldest_age_seconds.clear()
    for each in waiting:
        labels = (each.step.value, each.obstacle or "none")
        metrics.letters_waiting.labels(*labels).set(each.count)
        metrics.letters_oldest_age_seconds.labels(*labels).set((now - each.since).total_seconds())


@worker.on_deadline("announcement")
async def an_act_counts_as_announced(deadline: Deadline, work: NotificationsWork) -> None:
    """The fiction of § 41 (2) VwVfG NRW takes effect."""
    await announce.announce(deadline.subject, work)


@worker.on_deadline(provide.DEADLINE)
async def a_letter_was_not_retrieved_in_time(deadline: Deadline, work: NotificationsWork) -> None:
    """Its ten days in the inbox are over (§ 41 (2a) S. 4 VwVfG)."""
    await provide.end_provision(deadline.subject, work)


@worker.on_deadline("remedy-period-end")
async def a_remedy_period_is_over(deadline: Deadline, work: NotificationsWork) -> None:
    """The last day for an action has passed (§ 74 VwGO)."""
    await announce.end_remedy_period(deadline.subject, work)
