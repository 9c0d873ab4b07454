"""A caseworker takes a received application up."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.use_cases.work_on_case import case_of_caseworker
from kfi_applications.works import ApplicationsWork


async def open_formal_check(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """Begin the formal check. Raises NoMandate, WrongState."""
    application = await case_of_caseworker(application_id, seen_version, work)
    application.open_formal_check()
    await work.applications.save(application)
    return application
