"""The act an event of the notifications service speaks of: a decision, or its correction."""

from uuid import UUID

from kfi_applications.correction_repository import UnknownCorrection
from kfi_applications.domain.application import Application
from kfi_applications.domain.correction import Correction
from kfi_applications.works import ApplicationsWork


class UnknownAct(LookupError):
    """The act is neither the decision of the case nor a correction of it."""


async def act_of(application_id: UUID, act_id: UUID, work: ApplicationsWork) -> Application | Correction:
    """The case when the act is its decision, else the correction that it is. Raises UnknownAct, UnknownApplication."""
    application = await work.applications.get_to_change(application_id)
    if application.decision is not None and application.decision.id == act_id:
        return application
    try:
        return await work.corrections.get_to_change(application_id, act_id)
    except UnknownCorrection:
        raise UnknownAct from None
