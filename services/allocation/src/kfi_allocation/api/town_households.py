"""A household as its town sees it: fetched with the town's own right, never sent."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from kfi_allocation.api.households import ContactView, HouseholdLine, HouseholdView, MemberView
from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_doors import TOWN, Ags, at_own_door
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.use_cases.read_household import read_household
from kfi_allocation.use_cases.receive_proposal import receive_proposal
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.privacy.persons import PersonErased
from kfi_chassis.problem import documents

router = APIRouter(prefix="/municipalities/{ags}/households/{household_id}", tags=["municipalities"])
Own = Annotated[Edge[AllocationWork], edge(TOWN)]


class ReceiptView(BaseModel):
    """When the town took note of a proposal."""

    model_config = ConfigDict(frozen=True)

    household_id: UUID
    received_on: date


@router.get("")
@documents(PersonErased)
async def get_town_household(ags: Ags, household_id: UUID, door: Own) -> HouseholdView:
    """What `dataref` of an event names: the household while it is meant for the town or lives there.

    Its persons are told once it is settled that it comes. That somebody read it is recorded.
    """
    own = at_own_door(door, ags)
    household, state = await own.read(lambda work: read_household(household_id, ags, work))
    if household.erased_on is not None:
        raise PersonErased
    own.etag(household.version)
    return HouseholdView(
        **HouseholdLine.of(household).model_dump(),
        placement_state=state,
        members=tuple(MemberView.of(each) for each in household.members),
        contact=ContactView.of(household.contact),
    )


@router.put("/receipt")
@documents(KINDS[WrongState])
async def put_receipt(ags: Ags, household_id: UUID, door: Own) -> ReceiptView:
    """Say that the town took note of the proposal; said again, nothing changes."""
    own = at_own_door(door, ags)
    received = await own.command(lambda work: receive_proposal(household_id, ags, work))
    return ReceiptView(household_id=household_id, received_on=received)
