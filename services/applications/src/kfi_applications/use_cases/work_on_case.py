"""A caseworker acts on a case: its own, nobody's, or that of a person it stands in for."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


async def case_of_caseworker(application_id: UUID, seen_version: int, work: ApplicationsWork) -> Application:
    """The case, locked, for the caseworker's next step. Raises NoMandate, UnknownApplication, VersionConflict."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    application.work_on(work.actor.person, await represented_in(application, work))
    return application


async def represented_in(application: Application, work: ApplicationsWork) -> frozenset[str]:
    """Whom the actor stands in for today; asked only where the case is another person's."""
    if application.may_be_worked_on_by(work.actor.person):
        return frozenset()
    return await work.mandates.represented_by(work.actor.person, work.calendar.today())
