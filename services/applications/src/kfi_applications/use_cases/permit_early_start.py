"""A signatory permits that a project begins before the decision."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def permit_early_start(
    application_id: UUID, seen_version: int, begins_on: date, work: ApplicationsWork
) -> Application:
    """From that day on the project may begin. Raises AlreadyDecided, DateNotPossible, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.permit_early_start(begins_on, by=work.actor.person, today=work.calendar.today())
    await work.applications.save(application)
    return application
