"""The personal data of a case is erased: its key goes, and all other services hear of it."""

from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.retention import erase
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork


class ErasureReason(StrEnum):
    """Why personal data is erased; a code, because the audit holds no text."""

    RETENTION_OVER = "retention-over"
    REQUESTED = "requested"


async def erase_person(application_id: UUID, reason: ErasureReason, work: ApplicationsWork) -> Application:
    """Delete the key of the person of a case, for good. Raises RetentionRuns, UnknownApplication.

    What was encrypted with it, notes and attachments included, can be read by nobody from then on, also in a backup.
    """
    application = await work.applications.get_to_change(application_id)
    last_day = erase(application, work.calendar.today(), work.settings.retention_years)
    await work.applications.save(application)
    await work.persons.erase(application.id)
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=application.id,
        version=application.version,
        action="erased",
        reason=reason,
        details={"retained_until": last_day.isoformat()},
    )
    return application
