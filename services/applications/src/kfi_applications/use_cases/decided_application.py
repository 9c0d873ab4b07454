"""The application an event of the notifications service speaks of."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.works import ApplicationsWork


class UnknownAct(LookupError):
    """The application was not decided by this act."""


async def decided_application(application_id: UUID, act_id: UUID, work: ApplicationsWork) -> Application:
    """The application whose decision the act is. Raises UnknownAct, UnknownApplication."""
    application = await work.applications.get_to_change(application_id)
    if application.decision is None or application.decision.id != act_id:
        raise UnknownAct
    return application
