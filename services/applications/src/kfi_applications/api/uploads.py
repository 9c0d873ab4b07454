"""How a file comes in over HTTP: its name by header, its bytes as the body, examined before anything is stored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Header

from kfi_applications.domain.attachment import Kind, ReceivedFile
from kfi_applications.files.receiving import Incoming, examined, name_in
from kfi_applications.files.scanner import Scanner, ScannerUnavailable
from kfi_applications.settings import ApplicationsSettings
from kfi_chassis.byte_body import ByteBody
from kfi_chassis.problem import define, documents
from kfi_chassis.problems import BodyTooLarge, FieldError, InvalidInput, Problem

SCANNER_RETRY_SECONDS: Final = 30


class FileTooLarge(Problem):
    """The file is larger than an attachment may be."""

    kind = define(
        "file-too-large", 413, "The file is too large", "The file is larger than an attachment may be.",
        "Send a smaller file: scan in black and white at 300 dpi, or split the document.",
    )  # fmt: skip


class ScannerOutage(Problem):
    """The virus scanner cannot be reached, and nothing is stored that was not looked at."""

    kind = define(
        "scanner-unavailable", 503, "The virus scanner is not available",
        "The file could not be looked at by the virus scanner; nothing was stored.",
        "Try again after the seconds named in Retry-After, with the same Idempotency-Key.",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(SCANNER_RETRY_SECONDS)})


@documents(InvalidInput)
async def file_name(
    disposition: Annotated[
        str | None,
        Header(
            alias="Content-Disposition",
            description="The file's name: attachment; filename*=UTF-8''Satzung%202026.pdf (RFC 6266).",
        ),
    ] = None,
) -> str:
    """The file's name by its header. Raises InvalidInput."""
    name = None if disposition is None else name_in(disposition)
    if name is None:
        reason = "missing" if disposition is None else "not_usable"
        fix = "Send attachment; filename*=UTF-8''NAME, percent-encoded, at most 150 characters and without a folder."
        raise InvalidInput(errors=[FieldError("header:Content-Disposition", reason, fix)])
    return name


FileName = Annotated[str, Depends(file_name)]
"""Parameter of a route that takes a file: how its sender calls it."""


@asynccontextmanager
async def heard_out(body: ByteBody) -> AsyncIterator[None]:
    """Whatever is refused meanwhile, the client may finish and read why."""
    try:
        yield
    finally:
        await body.drop()


async def file_parts(body: ByteBody) -> AsyncIterator[bytes]:
    """The file part by part. Raises FileTooLarge, BadRequest."""
    try:
        async for part in body.parts():
            yield part
    except BodyTooLarge:
        raise FileTooLarge from None


async def examined_upload(incoming: Incoming, *, name: str, kind: Kind, settings: ApplicationsSettings) -> ReceivedFile:
    """The file, when it is what it says and clean. Raises FileNotWhatItSays, FileInfected, ScannerOutage."""
    try:
        return await examined(incoming, name=name, kind=kind, scanner=scanner_of(settings))
    except ScannerUnavailable:
        raise ScannerOutage from None


def scanner_of(settings: ApplicationsSettings) -> Scanner | None:
    """The scanner of this installation, if one is configured."""
    if settings.scanner is None:
        return None
    return Scanner.at(settings.scanner, timeout_seconds=settings.scanner_timeout_seconds)
