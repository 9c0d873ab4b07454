"""The letter of a decision or of its correction is announced."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.correction import Correction
from kfi_applications.use_cases.decided_application import act_of
from kfi_applications.works import ApplicationsWork


async def record_announcement(
    application_id: UUID, act_id: UUID, announced_on: date, remedy_ends_on: date | None, work: ApplicationsWork
) -> None:
    """The remedy period runs, of a correction its own; final at once when remedies were waived.

    Raises UnknownAct, WrongState.
    """
    act = await act_of(application_id, act_id, work)
    act.record_announcement(announced_on, remedy_ends_on)
    await (work.corrections.save(act) if isinstance(act, Correction) else work.applications.save(act))
