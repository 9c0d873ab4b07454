"""The answer of every action: the case as it is now, with its new ETag."""

from collections.abc import Awaitable, Callable

from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.application import Application
from kfi_applications.use_cases.work_on_case import represented_in
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge


async def act(
    door: Edge[ApplicationsWork], use: Callable[[ApplicationsWork], Awaitable[Application]]
) -> ApplicationView:
    """Run a use case in one transaction and show what became of the case."""

    async def use_and_show(work: ApplicationsWork) -> ApplicationView:
        return await shown(door, await use(work), work)

    return await door.command(use_and_show)


async def shown(door: Edge[ApplicationsWork], application: Application, work: ApplicationsWork) -> ApplicationView:
    """The case for this reader; its version becomes the ETag of the answer."""
    door.etag(application.version)
    represented = await represented_in(application, work)
    return ApplicationView.of(application, door.principal, work.calendar.today(), represented)
