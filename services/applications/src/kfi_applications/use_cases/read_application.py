"""Somebody reads a case: of staff, who look at another's file, it is recorded."""

from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork


class Look(StrEnum):
    """What was looked at."""

    CASE = "read"
    LETTER = "read-letter"
    NOTES = "read-notes"
    HISTORY = "read-history"
    BANK_ACCOUNT = "read-bank-account"


async def read_application(
    application_id: UUID, organisation: str | None, look: Look, work: ApplicationsWork
) -> Application:
    """The case; without ``organisation`` the reader is staff and the look is audited. Raises UnknownApplication."""
    application = await work.applications.get(application_id, organisation=organisation)
    if organisation is None:
        work.audit.add(aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action=look)
    return application
