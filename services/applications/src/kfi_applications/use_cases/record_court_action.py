"""An action against a decision is pending."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def record_court_action(
    application_id: UUID, seen_version: int, filed_on: date, work: ApplicationsWork
) -> Application:
    """Finality waits for the end of the action. Raises DateNotPossible, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.record_court_action(filed_on, today=work.calendar.today())
    await work.applications.save(application)
    return application
