"""Policies of allocation: drafted by one person, put into force by another, never changed afterwards."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from kfi_allocation.api.forms import AUDITOR, PLANNER, SIGNATORY, Code
from kfi_allocation.api.policy_forms import PolicyLine, PolicyView, Returned, StatedPolicy
from kfi_allocation.api.problems import KINDS
from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.policy_record import PolicyRecord
from kfi_allocation.domain.refusals import NoPolicyInForce, SecondPersonNeeded, SettledAlready, TakenName
from kfi_allocation.use_cases.decide_policy import put_policy_into_force, return_policy
from kfi_allocation.use_cases.draft_policy import draft_policy
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/policies", tags=["policies"])
Reader = Annotated[Edge[AllocationWork], edge(PLANNER, SIGNATORY, AUDITOR)]
Drafter = Annotated[Edge[AllocationWork], edge(PLANNER)]
Signatory = Annotated[Edge[AllocationWork], edge(SIGNATORY)]
Staff = Annotated[Edge[AllocationWork], edge(PLANNER, SIGNATORY)]


@router.get("")
async def list_policies(door: Reader, asked: Paged) -> Page[PolicyLine]:
    """All policies, the last drafted first."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[PolicyLine]:
        found = await work.policies.page(before=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: PolicyLine(**PolicyLine.told(row[1])), lambda row: (row[0],))

    return await door.read(page)


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[TakenName])
async def post_policy(body: StatedPolicy, once: Idempotent, door: Drafter) -> PolicyView:
    """Draft a policy; nothing goes by it before another person has put it into force."""

    async def show(policy_id: UUID, work: AllocationWork) -> PolicyView:
        return _shown(door, await work.policies.get_by_id(policy_id))

    view = await door.create(once, lambda work: draft_policy(body.document(), work), show)
    door.located(f"/allocation/v1/policies/{view.version}")
    return view


@router.get("/in-force")
@documents(KINDS[NoPolicyInForce])
async def get_policy_in_force(door: Reader) -> PolicyView:
    """The policy that holds today."""

    async def read(work: AllocationWork) -> PolicyView:
        holding = await work.policies.in_force(work.calendar.today())
        return _shown(door, await work.policies.get(holding.version))

    return await door.read(read)


@router.get("/{version}")
async def get_policy(version: Code, door: Reader) -> PolicyView:
    """One policy, its ETag, and the actions open to this person now."""

    async def read(work: AllocationWork) -> PolicyView:
        return _shown(door, await work.policies.get(version))

    return await door.read(read)


@router.post("/{version}/approval")
@documents(KINDS[SettledAlready], KINDS[SecondPersonNeeded], KINDS[DateNotPossible])
async def post_policy_approval(version: Code, seen: IfMatch, door: Signatory) -> PolicyView:
    """Put the policy that another person drafted into force."""

    async def approve(work: AllocationWork) -> PolicyView:
        return _shown(door, await put_policy_into_force(version, seen, work))

    return await door.command(approve)


@router.post("/{version}/return")
@documents(KINDS[SettledAlready])
async def post_policy_return(version: Code, body: Returned, seen: IfMatch, door: Staff) -> PolicyView:
    """Do not put the draft into force, or withdraw the own one."""

    async def give_back(work: AllocationWork) -> PolicyView:
        return _shown(door, await return_policy(version, body.reason, seen, work))

    return await door.command(give_back)


def _shown(door: Edge[AllocationWork], record: PolicyRecord) -> PolicyView:
    door.etag(record.version)
    who = door.principal
    actions = record.allowed(person=who.person, signs=SIGNATORY in who.roles, drafts=PLANNER in who.roles)
    return PolicyView.of(record, actions)
