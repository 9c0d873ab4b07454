"""`/print-batches`: what the print room prints, and what it says was posted; ids, days and numbers, and no person."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_contracts.codes import Sha256
from kfi_notifications.api.problems import (
    ALREADY_ACKNOWLEDGED,
    ANOTHER_MANIFEST,
    BATCH_NOT_CLOSED,
    NOT_IN_BATCH,
    POSTED_ON_IMPOSSIBLE,
)
from kfi_notifications.domain.duties import AUDITOR, CASEWORKERS
from kfi_notifications.domain.print_batch import PrintBatch
from kfi_notifications.use_cases.print_batches import acknowledge
from kfi_notifications.work import NotificationsWork

router = APIRouter(prefix="/print-batches", tags=["print batches"])
PRINTERS: Final = ("operator",)
Printer = Annotated[Edge[NotificationsWork], edge(*PRINTERS)]
Looker = Annotated[Edge[NotificationsWork], edge(*PRINTERS, *CASEWORKERS, AUDITOR)]


class Acknowledgement(BaseModel):
    """What the print room says of a batch."""

    model_config = ConfigDict(extra="forbid")

    manifest_sha256: Sha256 = Field(description="the digest of the manifest that was printed")
    posted_on: date = Field(description="the day on which its letters went to the post")
    not_posted: Annotated[tuple[UUID, ...], Field(max_length=1000)] = Field(
        default=(), description="letters that were spoiled: they join the next batch"
    )


class PrintBatchView(BaseModel):
    """The letters of a working day; its folder in the print spool has the name of the day."""

    id: UUID
    day: date
    closed_at: datetime | None
    letters: int | None
    """How many there are, once it is closed."""
    manifest_sha256: str | None
    posted_on: date | None
    """As the print room says; none: nobody has said it."""
    version: int
    actions: list[str]


@router.get("")
async def list_print_batches(edge: Looker, paged: Paged) -> Page[PrintBatchView]:
    """All batches, the newest first."""
    after = paged.after(date.fromisoformat)

    async def read(work: NotificationsWork) -> Page[PrintBatchView]:
        found = await work.batches.page(before=after[0] if after else None, limit=paged.rows)
        return paged.page(found, lambda batch: _view(batch, edge), lambda batch: [batch.day])

    return await edge.read(read)


@router.get("/{batch_id}")
async def read_print_batch(batch_id: UUID, edge: Looker) -> PrintBatchView:
    """One batch; its ETag is the version."""

    async def read(work: NotificationsWork) -> PrintBatchView:
        return _shown(await work.batches.get(batch_id), edge)

    return await edge.read(read)


@router.post("/{batch_id}/acknowledgement")
@documents(BATCH_NOT_CLOSED, ALREADY_ACKNOWLEDGED, ANOTHER_MANIFEST, POSTED_ON_IMPOSSIBLE, NOT_IN_BATCH)
async def post_acknowledgement(batch_id: UUID, body: Acknowledgement, seen: IfMatch, edge: Printer) -> PrintBatchView:
    """Say that a batch was posted, and on which day: from that day announcement and remedy period are counted."""

    async def say(work: NotificationsWork) -> PrintBatchView:
        batch = await acknowledge(batch_id, seen, body.manifest_sha256, body.posted_on, body.not_posted, work)
        return _shown(batch, edge)

    return await edge.command(say)


def _shown(batch: PrintBatch, edge: Edge[NotificationsWork]) -> PrintBatchView:
    edge.etag(batch.version)
    return _view(batch, edge)


def _view(batch: PrintBatch, edge: Edge[NotificationsWork]) -> PrintBatchView:
    waits = batch.closed_at is not None and batch.posted_on is None
    may = waits and edge.principal.has_any(frozenset(PRINTERS))
    return PrintBatchView(**vars(batch), actions=["acknowledge"] if may else [])
