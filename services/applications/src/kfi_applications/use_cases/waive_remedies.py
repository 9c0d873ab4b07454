"""The applicant waives remedies, by its account or in writing to a caseworker."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.use_cases.work_on_case import represented_in
from kfi_applications.works import ApplicationsWork


async def waive_remedies(
    application_id: UUID, seen_version: int, organisation: str | None, received_on: date, work: ApplicationsWork
) -> Application:
    """Final at once when announced. Raises DateNotPossible, NoMandate, WrongState, UnknownApplication."""
    application = await work.applications.get_to_change(
        application_id, seen_version=seen_version, organisation=organisation
    )
    if organisation is None:
        application.work_on(work.actor.person, await represented_in(application, work))
    application.waive_remedies(received_on, today=work.calendar.today())
    await work.applications.save(application)
    return application
