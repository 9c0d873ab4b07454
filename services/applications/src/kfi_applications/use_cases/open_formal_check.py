"""A caseworker takes a received application up."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def open_formal_check(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Begin the formal check. Raises WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.open_formal_check()
    await work.applications.save(application)
    return application
