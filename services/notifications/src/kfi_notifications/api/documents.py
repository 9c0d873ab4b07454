"""`/notifications/{id}/document`: the very file that left the house; each look at it is on record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kfi_chassis.edge import Edge, edge
from kfi_chassis.problems import NotFound
from kfi_notifications.api.readers import READERS, refuse_applicants, theirs
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.export import ENDINGS
from kfi_notifications.repository import AGGREGATE
from kfi_notifications.work import NotificationsWork

router = APIRouter(tags=["documents"])
_CONTENTS = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in ENDINGS}


@router.get(
    "/notifications/{notification_id}/document",
    response_class=Response,
    responses={200: {"description": "The letter as PDF/A, or the e-mail as it was sent", "content": _CONTENTS}},
)
async def read_document(notification_id: UUID, edge: Annotated[Edge[NotificationsWork], edge(*READERS)]) -> Response:
    """Read the letter or e-mail itself; its ETag is the SHA-256 of its bytes."""
    refuse_applicants(edge.principal)

    async def read(work: NotificationsWork) -> StoredDocument:
        notification = theirs(await work.notifications.get(notification_id), edge.principal)
        document = await work.documents.get(notification_id)
        if document is None:
            raise NotFound
        work.audit.add(
            aggregate=AGGREGATE,
            aggregate_id=notification_id,
            version=notification.version,
            action="document-read",
            details={"sha256": document.sha256},
        )
        return document

    return file_of(await edge.read(read), notification_id)


def file_of(document: StoredDocument, notification_id: UUID) -> Response:
    """A letter or e-mail as a file to keep, named by its notification; its ETag is the SHA-256 of its bytes."""
    name = f"{notification_id}.{ENDINGS[document.media_type]}"
    headers = {
        "ETag": f'"{document.sha256}"',
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(document.content, media_type=document.media_type, headers=headers)
