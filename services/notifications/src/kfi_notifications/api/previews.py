"""`/previews`: a letter as it would leave today, from its facts; nothing of it is kept."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kfi_chassis.edge import Edge, edge
from kfi_chassis.problem import Problem, documents
from kfi_chassis.sealing import MAX_CONTENT_BYTES
from kfi_contracts.codes import Sha256
from kfi_contracts.letters import LetterContent, content_bytes
from kfi_contracts.strict_json import write_canonical
from kfi_notifications.api.problems import DIGEST_DIFFERS, LETTER_CANNOT_BE_SET, LETTER_TOO_LARGE, NOT_THE_SIGNER
from kfi_notifications.domain.duties import CASEWORKERS, SIGNATORIES
from kfi_notifications.use_cases.preview import Preview, preview
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import PDF

router = APIRouter(tags=["previews"])
_PDF: Final[dict[int | str, dict[str, Any]]] = {
    HTTPStatus.OK: {
        "description": "The letter as PDF/A, across it ENTWURF where it is a draft",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "ETag": {"schema": {"type": "string"}, "description": "SHA-256 of the file"},
            "Letter-Digest": {"schema": {"type": "string"}, "description": "SHA-256 of the content: what is signed"},
            "Letter-Dated-On": {"schema": {"type": "string", "format": "date"}},
            "Letter-Draft": {"schema": {"type": "string", "enum": ["true", "false"]}},
        },
    }
}


def _read_strictly(value: object) -> LetterContent:
    """The content as it would be read from a sealed order: a fact nobody knows would be missing in the letter."""
    try:
        content = LetterContent.model_validate_json(write_canonical(value))  # type: ignore[arg-type]
    except ValidationError as failure:
        faults = [{**error, "loc": ("body", "content", *error["loc"])} for error in failure.errors(include_url=False)]
        raise RequestValidationError(faults, body={"content": value}) from None
    return content


class PreviewAsked(BaseModel):
    """A letter to look at."""

    model_config = ConfigDict(extra="forbid")

    content: Annotated[LetterContent, BeforeValidator(_read_strictly)] = Field(
        description="all facts of the letter, as the service that will order it gives them"
    )
    digest: Sha256 | None = Field(
        default=None,
        description="the digest that this person is about to sign: the answer is then the very file that leaves today",
    )


@router.post("/previews", response_class=Response, responses=_PDF)
@documents(LETTER_CANNOT_BE_SET, LETTER_TOO_LARGE, DIGEST_DIFFERS, NOT_THE_SIGNER)
async def post_preview(
    body: PreviewAsked, edge: Annotated[Edge[NotificationsWork], edge(*CASEWORKERS, *SIGNATORIES)]
) -> Response:
    """Look at a letter before it exists; nothing is stored. A draft is marked, unless it is the file to be signed."""
    if len(content_bytes(body.content)) > MAX_CONTENT_BYTES:
        raise Problem.of(LETTER_TOO_LARGE)

    async def look(work: NotificationsWork) -> Preview:
        return await preview(
            body.content, signing=body.digest, by=edge.principal, press=work.press, today=work.calendar.today()
        )

    seen = await edge.read(look)
    headers = {
        "ETag": f'"{seen.document.sha256}"',
        "Letter-Digest": seen.digest,
        "Letter-Dated-On": seen.dated_on.isoformat(),
        "Letter-Draft": str(seen.is_draft).lower(),
        "Content-Disposition": f'inline; filename="{"draft" if seen.is_draft else "letter"}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(seen.document.content, media_type=PDF, headers=headers)
