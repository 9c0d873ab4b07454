"""The decision's letter is announced."""

from datetime import date
from uuid import UUID

from kfi_applications.use_cases.decided_application import decided_application
from kfi_applications.works import ApplicationsWork


async def record_announcement(
    application_id: UUID, act_id: UUID, announced_on: date, remedy_ends_on: date | None, work: ApplicationsWork
) -> None:
    """The remedy period runs; final at once when remedies were waived. Raises UnknownAct, WrongState."""
    application = await decided_application(application_id, act_id, work)
    application.record_announcement(announced_on, remedy_ends_on)
    await work.applications.save(application)
