"""The remedy period of a decision or of its correction has ended."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.correction import Correction
from kfi_applications.domain.states import State
from kfi_applications.use_cases.decided_application import act_of
from kfi_applications.works import ApplicationsWork


async def end_remedy_period(application_id: UUID, act_id: UUID, ended_on: date, work: ApplicationsWork) -> None:
    """Final, unless an action is pending; nothing to do when a waiver made it final. Raises UnknownAct, WrongState."""
    act = await act_of(application_id, act_id, work)
    if isinstance(act, Correction):
        act.end_remedy_period(ended_on)
        await work.corrections.save(act)
    elif act.state is not State.FINAL:
        act.end_remedy_period(ended_on)
        await work.applications.save(act)
