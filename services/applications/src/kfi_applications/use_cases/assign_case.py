"""A case is taken, given to a colleague, or given back."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.errors import UnknownColleague
from kfi_applications.use_cases.work_on_case import represented_in
from kfi_applications.works import ApplicationsWork


async def assign_case(application_id: UUID, seen_version: int, to: str | None, work: ApplicationsWork) -> Application:
    """From now on the case is that person's, or nobody's. Raises NoMandate, UnknownColleague, WrongState."""
    application = await work.applications.get_to_change(application_id, seen_version=seen_version)
    await must_be_known(to, "assignee", work)
    application.assign(to, by=work.actor.person, represented=await represented_in(application, work))
    await work.applications.save(application)
    return application


async def must_be_known(person: str | None, field: str, work: ApplicationsWork) -> None:
    """A case must not get lost with somebody who is not there. Raises UnknownColleague."""
    if person == work.actor.person:
        await work.caseworkers.seen(person)
    elif person is not None and not await work.caseworkers.know(person):
        raise UnknownColleague(
            "Nobody of this name has worked here as a caseworker yet.",
            fix="Correct the name, or have that person open the work list once.",
            field=field,
        )
