"""A letter or e-mail did not get out, was recalled, or came back: a person has to look after it."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.remedies import FailedNotification
from kfi_applications.use_cases.decided_application import decided_application
from kfi_applications.works import ApplicationsWork


async def record_failed_notification(
    application_id: UUID, failed: FailedNotification, act_id: UUID | None, work: ApplicationsWork
) -> None:
    """Keep the failure with the case. Raises UnknownAct, UnknownApplication."""
    application = await _application(application_id, act_id, work)
    application.record_failed_notification(failed)
    await work.applications.save(application)


async def record_returned_letter(
    application_id: UUID, returned: FailedNotification, act_id: UUID | None, work: ApplicationsWork
) -> None:
    """What the letter was to announce is not announced. Raises UnknownAct, UnknownApplication."""
    application = await _application(application_id, act_id, work)
    application.record_returned_letter(returned)
    await work.applications.save(application)


async def _application(application_id: UUID, act_id: UUID | None, work: ApplicationsWork) -> Application:
    if act_id is None:
        return await work.applications.get_to_change(application_id)
    return await decided_application(application_id, act_id, work)
