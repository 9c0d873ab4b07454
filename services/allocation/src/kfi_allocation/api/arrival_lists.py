"""Lists of arrivals: uploaded, watched while they are read, looked at, imported or discarded."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, status

from kfi_allocation.api.arrival_uploads import WithFile, heard_out, received
from kfi_allocation.api.arrival_views import ArrivalEntryView, ArrivalListView, ImportOrder, MappingView, MistakeView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.arrival_entries import ArrivalEntries
from kfi_allocation.arrival_files.kinds import FileKind
from kfi_allocation.domain.arrivals.arrival_list import (
    ArrivalList,
    CancellationsNotConfirmed,
    ListNotCorrectable,
    ListNotReadAsSaid,
    ListNotWhole,
)
from kfi_allocation.domain.arrivals.difference import Difference, Outcome
from kfi_allocation.domain.arrivals.mapping import mapping_from
from kfi_allocation.domain.errors import NotInThisState
from kfi_allocation.use_cases.import_arrival_list import discard, order_import
from kfi_allocation.use_cases.receive_arrival_list import mappings_of, receive_arrival_list
from kfi_allocation.work import AllocationWork
from kfi_chassis.byte_body import ByteBody, takes_bytes
from kfi_chassis.canonical import canonical_json, digest
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_chassis.problems import BadRequest, BodyTooLarge

PLANNER: Final = "allocation-planner"
READERS: Final = (PLANNER, "allocation-signatory", "auditor")
router = APIRouter(tags=["arrivals"])
Planner = Annotated[Edge[AllocationWork], edge(PLANNER)]
Reader = Annotated[Edge[AllocationWork], edge(*READERS)]


@router.post("/arrival-lists", status_code=status.HTTP_201_CREATED)
@takes_bytes(*FileKind)
@documents(BadRequest, BodyTooLarge, KINDS[ListNotReadAsSaid], KINDS[ListNotCorrectable])
async def post_arrival_list(said: WithFile, once: Idempotent, door: Planner) -> ArrivalListView:
    """Upload a list; the service reads it by itself and then shows what it would change.

    The same file with the same words is the list that is there already: nothing changes, and it is shown as it is now.
    """
    body = ByteBody(door.request, limit=door.request.app.state.settings.arrival_max_bytes)

    async def show(list_id: UUID, work: AllocationWork) -> ArrivalListView:
        return _shown(door, await work.arrival_lists.get(list_id))

    async with heard_out(body):
        command = said.command(door.request.headers.get("Content-Type", ""))
        async with received(body) as file:
            asked = digest(canonical_json([once.request_hash, command.kind.value, file.sha256]))
            view = await door.create(
                replace(once, request_hash=asked), lambda work: receive_arrival_list(command, file, work), show
            )
    door.located(f"/allocation/v1/arrival-lists/{view.id}")
    return view


@router.get("/arrival-lists")
async def list_arrival_lists(door: Reader, asked: Paged) -> Page[ArrivalListView]:
    """The lists, the newest first."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[ArrivalListView]:
        found = await work.arrival_lists.page(before=after[0] if after else None, rows=asked.rows)
        acts = _acts(door)
        return asked.page(found, lambda row: ArrivalListView.of(row[1], acts=acts), lambda row: (row[0],))

    return await door.read(page)


@router.get("/arrival-lists/{list_id}")
async def get_arrival_list(list_id: UUID, door: Reader) -> ArrivalListView:
    """One list: its state, how far reading or importing came, the difference it makes, and the actions open now."""
    return _shown(door, await door.read(lambda work: work.arrival_lists.get(list_id)))


@router.get("/arrival-lists/{list_id}/mistakes")
async def list_arrival_mistakes(list_id: UUID, door: Reader, asked: Paged) -> Page[MistakeView]:
    """What is wrong with the list, each with line and field, in the order in which it was found."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[MistakeView]:
        shown = await work.arrival_lists.get(list_id)
        mapping = mapping_from(dict(shown.mapping_document))
        entries = ArrivalEntries(work, list_id)
        found = await entries.mistakes(after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: MistakeView.of(row[1], mapping), lambda row: (row[0],))

    return await door.read(page)


@router.get("/arrival-lists/{list_id}/households")
async def list_arrival_entries(
    list_id: UUID,
    door: Reader,
    asked: Paged,
    difference: Annotated[Difference | None, Query(description="Only households with this difference.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only households of which this became.")] = None,
) -> Page[ArrivalEntryView]:
    """The households of the list: what it changes, and after the import what became of each."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[ArrivalEntryView]:
        await work.arrival_lists.get(list_id)
        found = await ArrivalEntries(work, list_id).page(
            difference=difference, outcome=outcome, after=after[0] if after else None, rows=asked.rows
        )
        return asked.page(found, ArrivalEntryView.of, lambda entry: (entry.number,))

    return await door.read(page)


@router.post("/arrival-lists/{list_id}/import")
@documents(KINDS[NotInThisState], KINDS[CancellationsNotConfirmed], KINDS[ListNotWhole])
async def post_arrival_import(list_id: UUID, body: ImportOrder, seen: IfMatch, door: Planner) -> ArrivalListView:
    """Put in force what the list shows; the service imports it portion by portion, and the list shows how far it is."""
    ordered = await door.command(
        lambda work: order_import(
            list_id, seen, cancellations=body.cancellations, although_not_whole=body.although_not_whole, work=work
        )
    )
    return _shown(door, ordered)


@router.post("/arrival-lists/{list_id}/discard")
@documents(KINDS[NotInThisState])
async def post_arrival_discard(list_id: UUID, seen: IfMatch, door: Planner) -> ArrivalListView:
    """Discard a list that is not imported; its file is deleted at once."""
    return _shown(door, await door.command(lambda work: discard(list_id, seen, work)))


@router.get("/arrival-mappings")
async def list_arrival_mappings(door: Reader) -> list[MappingView]:
    """The layouts by which lists can be read."""
    found = mappings_of(door.request.app.state.settings.arrival_mappings)
    return [MappingView.of(each.mapping) for each in found.values()]


def _shown(door: Edge[AllocationWork], shown: ArrivalList) -> ArrivalListView:
    door.etag(shown.version)
    return ArrivalListView.of(shown, acts=_acts(door))


def _acts(door: Edge[AllocationWork]) -> bool:
    return door.principal.has_any(frozenset({PLANNER}))
