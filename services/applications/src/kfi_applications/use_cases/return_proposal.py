"""The signatory gives a proposal back."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.decision import ReturnReason
from kfi_applications.works import ApplicationsWork


async def return_proposal(
    application_id: UUID, seen_version: int, reason: ReturnReason, work: ApplicationsWork
) -> Application:
    """Back to the substance check; what was reserved is free again. Raises FourEyesViolated, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    returned = application.return_proposal(work.actor.person, reason)
    if not returned.is_rejection:
        await work.budget.release(returned.budget_title, application.id)
    await work.applications.save(application)
    return application
