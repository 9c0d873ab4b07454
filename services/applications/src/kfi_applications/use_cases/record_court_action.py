"""An action against a decision is pending."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.use_cases.work_on_case import case_of_caseworker
from kfi_applications.works import ApplicationsWork


async def record_court_action(
    application_id: UUID, seen_version: int, filed_on: date, work: ApplicationsWork
) -> Application:
    """Finality waits for the end of the action. Raises DateNotPossible, NoMandate, WrongState."""
    application = await case_of_caseworker(application_id, seen_version, work)
    application.record_court_action(filed_on, today=work.calendar.today())
    await work.applications.save(application)
    return application
