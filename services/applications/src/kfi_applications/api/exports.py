"""The whole file of a case as one archive."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Response

from kfi_applications.api.readers import AUDITOR
from kfi_applications.domain.states import Mover
from kfi_applications.export import CaseFile, exported
from kfi_applications.use_cases.export_case import begin_export, collect_case, end_export
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.archive_download import documented, zip_download
from kfi_chassis.edge import Edge, edge

router = APIRouter(prefix="/applications/{application_id}", tags=["exports"])
Exporter = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER, AUDITOR)]
_ARCHIVE: Final = documented("facts, history, attachments and a manifest of hashes; made while it is sent")


@router.get("/export", response_class=Response, responses=_ARCHIVE)
async def get_export(application_id: UUID, door: Exporter) -> Response:
    """Export the whole file of the case. That it was read, and that it was sent whole, is recorded.

    `kfi-applications export verify` checks the archive without any service.
    """
    await door.command(lambda work: begin_export(application_id, work))
    file = await door.read(lambda work: collect_case(application_id, work))
    return zip_download(file.application.file_number, _sent(file, door))


async def _sent(file: CaseFile, door: Edge[ApplicationsWork]) -> AsyncIterator[bytes]:
    archive = Archive()
    async for part in exported(file, door.read, archive):
        yield part
    await door.command(lambda work: end_export(file, archive, work))
