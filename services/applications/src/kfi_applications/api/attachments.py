"""Attachments: added and read part by part, listed, removed before the decision."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response, status
from fastapi.responses import StreamingResponse

from kfi_applications.api.attachment_views import AttachmentList, AttachmentRemoval, AttachmentView
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import READERS, organisation_seen_by
from kfi_applications.api.uploads import (
    FileName,
    FileTooLarge,
    ScannerOutage,
    examined_upload,
    file_parts,
    heard_out,
)
from kfi_applications.attachment_repository import parts_of
from kfi_applications.domain.attachment import (
    Attachment,
    FileInfected,
    FileNotWhatItSays,
    FileTypeNotTaken,
    Kind,
    TooManyAttachments,
    kind_of,
)
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.files.receiving import received
from kfi_applications.use_cases.add_attachment import AddAttachment, add_attachment, may_add_attachment
from kfi_applications.use_cases.read_attachments import (
    list_attachments,
    open_attachment,
    read_attachment,
)
from kfi_applications.use_cases.remove_attachment import RemoveAttachment, remove_attachment
from kfi_applications.works import ApplicationsWork
from kfi_chassis.byte_body import ByteBody, takes_bytes
from kfi_chassis.canonical import canonical_json, digest
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.problem import documents
from kfi_chassis.problems import BadRequest

router = APIRouter(prefix="/applications/{application_id}/attachments", tags=["attachments"])
Adder = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT, Mover.CASEWORKER)]
Reader = Annotated[Edge[ApplicationsWork], edge(*READERS)]
_FILE: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


@router.post("", status_code=status.HTTP_201_CREATED)
@takes_bytes(*Kind)
@documents(BadRequest, PersonErased, FileTooLarge, ScannerOutage, *(KINDS[each] for each in (
    FileTypeNotTaken, FileNotWhatItSays, FileInfected, TooManyAttachments)))  # fmt: skip
async def post_attachment(application_id: UUID, door: Adder, once: Idempotent, name: FileName) -> AttachmentView:
    """Add a file to a case: its bytes are the body, its type and name are headers; it must be what it says."""
    command = AddAttachment(application_id, organisation_seen_by(door.principal))
    settings = door.request.app.state.settings
    body = ByteBody(door.request, limit=settings.attachment_max_bytes)

    async def show(attachment_id: UUID, work: ApplicationsWork) -> AttachmentView:
        return _shown(door, await work.attachments.get(application_id, attachment_id, command.source))

    async with heard_out(body):
        kind = kind_of(door.request.headers.get("Content-Type", ""), name)
        await door.read(lambda work: may_add_attachment(command, work))
        async with received(file_parts(body)) as incoming:
            file = await examined_upload(incoming, name=name, kind=kind, settings=settings)
            asked = digest(canonical_json([once.request_hash, name, kind.value, file.sha256]))
            view = await door.create(
                replace(once, request_hash=asked), lambda work: add_attachment(command, file, incoming.file, work), show
            )
    door.located(f"/applications/v1/applications/{application_id}/attachments/{view.id}")
    return view


@router.get("")
async def list_of_attachments(application_id: UUID, door: Reader) -> AttachmentList:
    """The attachments of a case; an applicant sees those its organisation sent. That staff looked is recorded."""
    organisation = organisation_seen_by(door.principal)
    found = await door.read(lambda work: list_attachments(application_id, organisation, work))
    return AttachmentList(items=tuple(AttachmentView.of(each) for each in found))


@router.get("/{attachment_id}")
async def get_attachment(application_id: UUID, attachment_id: UUID, door: Reader) -> AttachmentView:
    """One attachment without its content, with its ETag."""
    organisation = organisation_seen_by(door.principal)
    return _shown(
        door, await door.read(lambda work: read_attachment(application_id, attachment_id, organisation, work))
    )


@router.get(
    "/{attachment_id}/content",
    response_class=Response,
    responses={200: {"description": "The file as it came in", "content": dict.fromkeys(Kind, _FILE)}},
)
@documents(PersonErased)
async def get_attachment_content(application_id: UUID, attachment_id: UUID, door: Reader) -> Response:
    """The file itself; its ETag is the SHA-256 of its bytes. That staff read it is recorded."""
    organisation = organisation_seen_by(door.principal)
    attachment = await door.read(lambda work: open_attachment(application_id, attachment_id, organisation, work))
    return StreamingResponse(_parts(door, attachment), media_type=attachment.kind, headers=_headers(attachment))


@router.post("/{attachment_id}/removal")
@documents(KINDS[WrongState])
async def post_attachment_removal(
    application_id: UUID, attachment_id: UUID, body: AttachmentRemoval, seen: IfMatch, door: Adder
) -> AttachmentView:
    """Remove an attachment before the decision: its content is deleted, its hash and the reason stay."""
    organisation = organisation_seen_by(door.principal)
    command = RemoveAttachment(application_id, attachment_id, seen, body.reason, organisation)
    return _shown(door, await door.command(lambda work: remove_attachment(command, work)))


def _shown(door: Edge[ApplicationsWork], attachment: Attachment) -> AttachmentView:
    door.etag(attachment.version)
    return AttachmentView.of(attachment)


async def _parts(door: Edge[ApplicationsWork], attachment: Attachment) -> AsyncIterator[bytes]:
    """Each part in a transaction of its own: a slow reader holds no connection of the database."""
    for number in parts_of(attachment):
        yield await door.read(lambda work, number=number: work.attachments.part(attachment, number))  # type: ignore[misc]


def _headers(attachment: Attachment) -> dict[str, str]:
    sha256 = base64.b64encode(bytes.fromhex(attachment.sha256)).decode()
    plain = f"anhang-{attachment.number}{attachment.kind.endings[0]}"
    return {
        "ETag": f'"{attachment.sha256}"',
        "Repr-Digest": f"sha-256=:{sha256}:",
        "Content-Length": str(attachment.size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "Cache-Control": "private, no-store",
    }
