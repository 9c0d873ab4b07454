"""Households as they were announced: their facts for planning, their persons for whoever may see them."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Contact, Household, Kinship, Member
from kfi_allocation.domain.placement_states import State
from kfi_allocation.use_cases.read_household import read_household
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problems import Forbidden

TOWN: Final = "municipality"
STAFF: Final = ("allocation-planner", "allocation-signatory", "auditor")
router = APIRouter(prefix="/households", tags=["households"])
Staff = Annotated[Edge[AllocationWork], edge(*STAFF)]
Reader = Annotated[Edge[AllocationWork], edge(*STAFF, TOWN)]


class MemberView(BaseModel):
    """A person of the household."""

    last_name: str
    first_name: str
    born_on: date | None
    kinship: Kinship | None

    @classmethod
    def of(cls, member: Member) -> "MemberView":
        """The person as announced."""
        return cls(**{name: getattr(member, name) for name in cls.model_fields})


class ContactView(BaseModel):
    """Where the household can be reached."""

    street: str
    house_number: str
    postcode: str
    city: str
    email: str
    phone: str

    @classmethod
    def of(cls, contact: Contact) -> "ContactView":
        """The contact as announced."""
        return cls(**{name: getattr(contact, name) for name in cls.model_fields})


class HouseholdLine(BaseModel):
    """A household without its persons."""

    id: UUID
    list_id: UUID
    source: str
    reference: str
    group: Group
    persons: int
    adults: int
    children: int
    school_children: int
    needs: list[str]
    languages: tuple[str, ...]
    relatives_in: Annotated[str | None, Field(description="AGS of the town of relatives")]
    must_join: Annotated[bool, Field(description="Core family: it goes there and nowhere else")]
    wishes: tuple[str, ...]
    arrival_on: date | None
    charter: str | None
    announced_on: date | None
    cancelled_on: date | None
    erased_on: date | None
    version: int

    @classmethod
    def of(cls, household: Household) -> "HouseholdLine":
        """The facts a plan is made of."""
        names = set(HouseholdLine.model_fields) - {"needs"}
        return cls(**{name: getattr(household, name) for name in names}, needs=sorted(household.needs))


class HouseholdView(HouseholdLine):
    """A household with its persons; for a town they are empty until the placement is settled."""

    placement_state: State
    members: tuple[MemberView, ...]
    contact: ContactView


@router.get("")
async def list_households(
    door: Staff, asked: Paged, list_id: Annotated[UUID | None, Query(description="Only those of this list.")] = None
) -> Page[HouseholdLine]:
    """Households in the order of receipt, without their persons."""
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[HouseholdLine]:
        found = await work.households.page(list_id=list_id, after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, lambda row: HouseholdLine.of(row[1]), lambda row: (row[0],))

    return await door.read(page)


@router.get("/{household_id}")
async def get_household(household_id: UUID, door: Reader) -> HouseholdView:
    """One household; a town sees one that is placed with it, and its persons once that is settled. It is recorded."""
    ags = _town_of(door)
    household, state = await door.read(lambda work: read_household(household_id, ags, work))
    door.etag(household.version)
    return HouseholdView(
        **HouseholdLine.of(household).model_dump(),
        placement_state=state,
        members=tuple(MemberView.of(each) for each in household.members),
        contact=ContactView.of(household.contact),
    )


def _town_of(door: Edge[AllocationWork]) -> str | None:
    """The town whose eyes these are; None for staff. Raises Forbidden for a town nobody named."""
    if door.principal.has_any(frozenset(STAFF)):
        return None
    if door.principal.ags is None:
        raise Forbidden
    return door.principal.ags
