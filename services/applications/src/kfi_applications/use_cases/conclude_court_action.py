"""The action against a decision has ended without touching it."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.remedies import ActionEnd
from kfi_applications.use_cases.work_on_case import case_of_caseworker
from kfi_applications.works import ApplicationsWork


async def conclude_court_action(
    application_id: UUID, seen_version: int, end: ActionEnd, concluded_on: date, work: ApplicationsWork
) -> Application:
    """Final, or back to the remedy period that still runs. Raises DateNotPossible, NoMandate, WrongState."""
    application = await case_of_caseworker(application_id, seen_version, work)
    application.conclude_court_action(end, concluded_on, today=work.calendar.today())
    await work.applications.save(application)
    return application
