"""The decision's letter was not retrieved from the inbox in time."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.correction import Correction
from kfi_applications.use_cases.decided_application import act_of
from kfi_applications.works import ApplicationsWork


async def record_not_announced(application_id: UUID, act_id: UUID, last_day: date, work: ApplicationsWork) -> None:
    """Nothing is announced and no period runs; the letter goes by post. Raises UnknownAct, WrongState."""
    act = await act_of(application_id, act_id, work)
    if isinstance(act, Correction):
        return
    act.record_not_announced(last_day)
    await work.applications.save(act)
