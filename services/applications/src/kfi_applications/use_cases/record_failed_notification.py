"""A letter or e-mail did not get out: a person has to look after it."""

from uuid import UUID

from kfi_applications.domain.remedies import FailedNotification
from kfi_applications.works import ApplicationsWork


async def record_failed_notification(application_id: UUID, failed: FailedNotification, work: ApplicationsWork) -> None:
    """Keep the failure with the case. Raises UnknownApplication, WrongState."""
    application = await work.applications.get_to_change(application_id)
    application.record_failed_notification(failed)
    await work.applications.save(application)
