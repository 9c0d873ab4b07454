"""`/exports`: all letters and e-mails about one case as one archive."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kfi_chassis.archive import Archive
from kfi_chassis.archive_download import documented, zip_download
from kfi_chassis.edge import Edge, edge
from kfi_chassis.problem import documents
from kfi_chassis.problems import NotFound
from kfi_notifications.api.readers import services_of
from kfi_notifications.domain.duties import AUDITOR, CASEWORKERS
from kfi_notifications.export import Letters, exported
from kfi_notifications.use_cases.export_letters import begin_export, collect_letters, end_export
from kfi_notifications.work import NotificationsWork

router = APIRouter(tags=["exports"])
Exporter = Annotated[Edge[NotificationsWork], edge(*CASEWORKERS, AUDITOR)]
_ARCHIVE: Final = documented("the files that left the house, their history and a manifest of hashes")


@router.get("/exports", response_class=Response, responses=_ARCHIVE)
@documents(NotFound)
async def get_export(
    edge: Exporter, concerns: Annotated[UUID, Query(description="The orderer's aggregate, such as an application.")]
) -> Response:
    """Export all letters about an aggregate. That they were read, and that all was sent, is recorded with each.

    `kfi-notifications export verify` checks the archive without any service.
    """
    services = services_of(edge.principal)
    await edge.command(lambda work: begin_export(concerns, services, work))
    letters = await edge.read(lambda work: collect_letters(concerns, services, work))
    return zip_download(f"schreiben-{concerns}", _sent(letters, edge))


async def _sent(letters: Letters, edge: Edge[NotificationsWork]) -> AsyncIterator[bytes]:
    archive = Archive()
    async for part in exported(letters, edge.read, archive):
        yield part
    await edge.command(lambda work: end_export(letters, archive, work))
