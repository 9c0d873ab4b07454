"""Programmes, and their calls for applications: proposed by one person, put in force by another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from kfi_applications.api.call_views import CallRecordView, CallView, ProgrammeView
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import READERS, STAFF, is_staff
from kfi_applications.api.version_views import APPROVERS, PROPOSERS, Returned, open_to
from kfi_applications.calls_repository import told
from kfi_applications.domain.calls import Call
from kfi_applications.domain.errors import (
    AlreadyThere,
    CallNotAccepting,
    DateNotPossible,
    FourEyesViolated,
    NotInBudget,
    WrongState,
)
from kfi_applications.domain.master_records import MasterRecord
from kfi_applications.stated_terms import CallKey, StatedTerms
from kfi_applications.use_cases.approve_call import approve_call
from kfi_applications.use_cases.propose_call import correct_call, propose_call
from kfi_applications.use_cases.return_version import return_version
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(tags=["calls"])
Reader = Annotated[Edge[ApplicationsWork], edge(*READERS)]
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]
Proposer = Annotated[Edge[ApplicationsWork], edge(*PROPOSERS)]
Approver = Annotated[Edge[ApplicationsWork], edge(*APPROVERS)]


class NewCall(StatedTerms):
    """A call to open."""

    key: CallKey


@router.get("/programmes")
async def list_programmes(door: Reader) -> list[ProgrammeView]:
    """All programmes; a closed one says why it takes no application any more and until when it was funded."""

    async def programmes(work: ApplicationsWork) -> list[ProgrammeView]:
        return [ProgrammeView.of(programme) for programme in work.catalogue.programmes]

    return await door.read(programmes)


@router.get("/calls")
async def list_calls(door: Reader) -> list[CallView]:
    """The calls in force, the newest first; `open` says whether an application of today is taken.

    Staff also see those that wait for their first approval.
    """

    async def calls(work: ApplicationsWork) -> list[CallView]:
        records = await work.calls.records.all()
        shown = [view for record in records if (view := _line(door, record, work)) is not None]
        return sorted(shown, key=lambda view: (view.last_day, view.key), reverse=True)

    return await door.read(calls)


@router.post("/calls", status_code=status.HTTP_201_CREATED)
@documents(KINDS[AlreadyThere], KINDS[CallNotAccepting], KINDS[DateNotPossible], KINDS[NotInBudget])
async def post_call(body: NewCall, once: Idempotent, door: Proposer) -> CallRecordView:
    """Propose a new call; it takes no application before another person has approved it."""
    call = StatedTerms(**body.model_dump(exclude={"key"})).stated(body.key)

    async def show(record_id: UUID, work: ApplicationsWork) -> CallRecordView:
        return _shown(door, await work.calls.records.get_by_id(record_id))

    view = await door.create(once, lambda work: propose_call(call, work), show)
    door.located(f"/applications/v1/calls/{view.key}")
    return view


@router.get("/calls/{call_key}")
async def get_call(call_key: CallKey, door: Staff) -> CallRecordView:
    """One call with all its versions, its ETag, and the actions open to this person now."""

    async def read(work: ApplicationsWork) -> CallRecordView:
        return _shown(door, await work.calls.records.get(call_key))

    return await door.read(read)


@router.post("/calls/{call_key}/correction")
@documents(KINDS[WrongState], KINDS[CallNotAccepting], KINDS[DateNotPossible], KINDS[NotInBudget])
async def post_call_correction(call_key: CallKey, body: StatedTerms, seen: IfMatch, door: Proposer) -> CallRecordView:
    """Propose the next version; the one in force holds until another person approves, and for its cases after that."""
    call = body.stated(call_key)

    async def correct(work: ApplicationsWork) -> CallRecordView:
        return _shown(door, await correct_call(call, seen, work))

    return await door.command(correct)


@router.post("/calls/{call_key}/approval")
@documents(KINDS[WrongState], KINDS[FourEyesViolated], KINDS[CallNotAccepting], KINDS[NotInBudget])
async def post_call_approval(call_key: CallKey, seen: IfMatch, door: Approver) -> CallRecordView:
    """Put the version that another person proposed in force."""

    async def approve(work: ApplicationsWork) -> CallRecordView:
        return _shown(door, await approve_call(call_key, seen, work))

    return await door.command(approve)


@router.post("/calls/{call_key}/return")
@documents(KINDS[WrongState])
async def post_call_return(call_key: CallKey, body: Returned, seen: IfMatch, door: Approver) -> CallRecordView:
    """Do not approve the version that waits, or withdraw the own one; what is in force stays."""

    async def give_back(work: ApplicationsWork) -> CallRecordView:
        return _shown(door, await return_version(work.calls.records, call_key, body.reason, seen, work))

    return await door.command(give_back)


def _shown(door: Edge[ApplicationsWork], record: MasterRecord[Call]) -> CallRecordView:
    door.etag(record.version)
    return CallRecordView.of(record, open_to(door.principal, record))


def _line(door: Edge[ApplicationsWork], record: MasterRecord[Call], work: ApplicationsWork) -> CallView | None:
    in_force = record.in_force
    shown = in_force or (record.pending if is_staff(door.principal) else None)
    if shown is None:
        return None
    return CallView.of(told(shown), work.calendar.today(), in_force=shown is in_force)
