"""What the service does by itself: it acts on the days for which somebody waits."""

from typing import Final

from kfi_applications.use_cases import wait_for_answer
from kfi_applications.works import ApplicationsWork
from kfi_chassis import invariants
from kfi_chassis.deadlines import Deadline
from kfi_chassis.metrics import Metrics
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

worker = Worker()
INVARIANTS: Final = {
    "bookings-make-the-budget": """
        SELECT FROM budget_year AS y WHERE (reserved, committed) <> (
            SELECT coalesce(sum(amount) FILTER (WHERE booking = 'reserved'), 0),
                   coalesce(sum(amount) FILTER (WHERE booking = 'committed'), 0)
            FROM budget_booking AS b WHERE (b.title, b.year) = (y.title, y.year))""",
    "every-booking-has-its-year": """
        SELECT FROM budget_booking AS b WHERE NOT EXISTS (
            SELECT FROM budget_year AS y WHERE (y.title, y.year) = (b.title, b.year))""",
}
"""Queries that find what breaks a promise of this service's database; they find nothing."""


@worker.measure("invariants", every=invariants.EVERY)
async def promises_are_kept(transactions: Transactions[ApplicationsWork], metrics: Metrics) -> None:
    """Money that is set aside is set aside for a case, and the other way round."""
    await invariants.measure(transactions, metrics, INVARIANTS)


@worker.on_deadline(wait_for_answer.REMINDER)
async def an_applicant_is_reminded(deadline: Deadline, work: ApplicationsWork) -> None:
    """Some days before the time to answer is over."""
    await wait_for_answer.remind_when_due(deadline.subject, work)


@worker.on_deadline(wait_for_answer.END)
async def a_time_to_answer_is_over(deadline: Deadline, work: ApplicationsWork) -> None:
    """The case is a caseworker's turn again; nothing is decided by itself."""
    await wait_for_answer.end_when_due(deadline.subject, work)
