"""The action against a decision has ended without touching it."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.remedies import ActionEnd
from kfi_applications.works import ApplicationsWork


async def conclude_court_action(
    application_id: UUID, seen_version: int, end: ActionEnd, concluded_on: date, work: ApplicationsWork
) -> Application:
    """Final, or back to the remedy period that still runs. Raises DateNotPossible, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.conclude_court_action(end, concluded_on, today=work.calendar.today())
    await work.applications.save(application)
    return application
