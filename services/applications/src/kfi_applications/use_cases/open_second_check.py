"""The second pair of eyes takes a proposal."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def open_second_check(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Begin the second check. Raises FourEyesViolated, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.open_second_check(work.actor.person)
    await work.applications.save(application)
    return application
