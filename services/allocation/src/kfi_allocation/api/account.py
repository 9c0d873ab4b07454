"""The quota account: what the offline command reads, computed from nothing but what is in the answer."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import Field

from kfi_allocation.api.at_town import Ags, Reader, at_home
from kfi_allocation.api.forms import AUDITOR, PLANNER, SIGNATORY, SomeDay, View
from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_problems import NOT_COMPUTABLE
from kfi_allocation.domain.account.document import as_document
from kfi_allocation.domain.account.statement import Account, statement
from kfi_allocation.domain.publication import line_of
from kfi_allocation.domain.refusals import NoPolicyInForce
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, edge
from kfi_chassis.problem import documents

router = APIRouter(tags=["account"])
Staff = Annotated[Edge[AllocationWork], edge(PLANNER, SIGNATORY, AUDITOR)]
AsOf = Annotated[
    SomeDay | None,
    Query(description="the day of the account, without it today; of another day nobody counts as announced"),
]
_READ_BY: Final = "Read by `kfi-allocation account recompute` and `what-if`, without any service."


class AccountLine(View):
    """Where a town stands: exact fractions as text, the target also with two decimals."""

    ags: str
    as_of: date
    policy: str
    key: str
    duty: str
    counted: int
    fulfilment: Annotated[str | None, Field(description="counted / duty; none without a duty")]
    target: str
    target_rounded: str
    closed: Annotated[bool, Field(description="at 100 % under a policy that stops there")]


@router.get("/account", description=f"The sums of all municipalities as one account document. {_READ_BY}")
@documents(KINDS[NoPolicyInForce], NOT_COMPUTABLE)
async def get_account(door: Staff, as_of: AsOf = None) -> dict[str, Any]:
    """The account of all towns."""
    return as_document(await door.read(lambda work: _account(work, as_of)))


@router.get(
    "/municipalities/{ags}/account",
    description=f"Every entry of the town's own account, and the sums of the other municipalities. {_READ_BY}",
)
@documents(KINDS[NoPolicyInForce], NOT_COMPUTABLE)
async def get_town_account(ags: Ags, door: Reader, as_of: AsOf = None) -> dict[str, Any]:
    """The account of a town."""
    at_home(door, ags)
    return as_document(await door.read(lambda work: _account(work, as_of, ags)))


@router.get("/municipalities/{ags}/account/line")
@documents(KINDS[NoPolicyInForce], NOT_COMPUTABLE)
async def get_town_line(ags: Ags, door: Reader, as_of: AsOf = None) -> AccountLine:
    """Duty, what counts, fulfilment and target of a town, computed as its account document computes them."""
    at_home(door, ags)
    return await door.read(lambda work: line_on(as_of, ags, work))


async def line_on(as_of: date | None, ags: str, work: AllocationWork) -> AccountLine:
    """The line of a town. Raises NoPolicyInForce."""
    account = await _account(work, as_of, ags)
    return AccountLine(as_of=account.as_of, policy=account.version, **line_of(statement(account).lines[ags]))


async def _account(work: AllocationWork, as_of: date | None, ags: str | None = None) -> Account:
    day = as_of or work.calendar.today()
    return await work.ledger.account(day, await work.policies.in_force(day), ags=ags)
