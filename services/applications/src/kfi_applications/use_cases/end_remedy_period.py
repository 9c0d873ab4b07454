"""The remedy period of a decision has ended."""

from datetime import date
from uuid import UUID

from kfi_applications.domain.states import State
from kfi_applications.use_cases.decided_application import decided_application
from kfi_applications.works import ApplicationsWork


async def end_remedy_period(application_id: UUID, act_id: UUID, ended_on: date, work: ApplicationsWork) -> None:
    """Final, unless an action is pending; nothing to do when a waiver made it final. Raises UnknownAct, WrongState."""
    application = await decided_application(application_id, act_id, work)
    if application.state is State.FINAL:
        return
    application.end_remedy_period(ended_on)
    await work.applications.save(application)
