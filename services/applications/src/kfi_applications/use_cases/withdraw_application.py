"""The applicant takes the application back, by its account or in writing to a caseworker."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.use_cases.wait_for_answer import stop_waiting
from kfi_applications.use_cases.work_on_case import represented_in
from kfi_applications.works import ApplicationsWork


async def withdraw_application(
    application_id: UUID, seen_version: int, organisation: str | None, received_on: date | None, work: ApplicationsWork
) -> Application:
    """The case ends, reserved money is free again. Raises AlreadyDecided, DateNotPossible, NoMandate, WrongState."""
    application = await work.applications.get_to_change(
        application_id, seen_version=seen_version, organisation=organisation
    )
    if organisation is None:
        application.work_on(work.actor.person, await represented_in(application, work))
    today = work.calendar.today()
    reserved = application.withdraw(received_on or today, today=today)
    if reserved is not None:
        await work.budget.release(reserved.budget_title, application.id)
    stop_waiting(application, work)
    await work.applications.save(application)
    return application
