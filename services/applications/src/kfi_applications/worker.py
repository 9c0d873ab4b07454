"""What the service does by itself: it acts on the days for which somebody waits."""

from kfi_applications.use_cases import wait_for_answer
from kfi_applications.works import ApplicationsWork
from kfi_chassis.deadlines import Deadline
from kfi_chassis.worker import Worker

worker = Worker()


@worker.on_deadline(wait_for_answer.REMINDER)
async def an_applicant_is_reminded(deadline: Deadline, work: ApplicationsWork) -> None:
    """Some days before the time to answer is over."""
    await wait_for_answer.remind_when_due(deadline.subject, work)


@worker.on_deadline(wait_for_answer.END)
async def a_time_to_answer_is_over(deadline: Deadline, work: ApplicationsWork) -> None:
    """The case is a caseworker's turn again; nothing is decided by itself."""
    await wait_for_answer.end_when_due(deadline.subject, work)
