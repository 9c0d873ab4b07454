"""Budget titles (Haushaltstitel): what their years may hold is proposed by one person and approved by another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import STAFF
from kfi_applications.api.version_views import APPROVERS, PROPOSERS, HistoryLine, Returned, numbers, open_to
from kfi_applications.api.views import View
from kfi_applications.domain.budget import BudgetPlan, BudgetTitle, PlannedYear
from kfi_applications.domain.errors import AlreadyThere, BudgetExceeded, FourEyesViolated, WrongState
from kfi_applications.domain.master_records import MasterRecord, Step
from kfi_applications.stated_terms import StatedBudgetPlan, TitleKey
from kfi_applications.use_cases.approve_budget_plan import approve_budget_plan
from kfi_applications.use_cases.propose_budget_plan import correct_budget_title, propose_budget_title
from kfi_applications.use_cases.return_version import return_version
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.problem import documents
from kfi_contracts.money import Money

router = APIRouter(prefix="/budget-titles", tags=["budget"])
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]
Proposer = Annotated[Edge[ApplicationsWork], edge(*PROPOSERS)]
Approver = Annotated[Edge[ApplicationsWork], edge(*APPROVERS)]


class NewTitle(StatedBudgetPlan):
    """A budget title to enter."""

    key: TitleKey


class PlannedYearView(View):
    """What one year of a title may hold, in EUR."""

    year: int
    appropriation: Money
    commitment_authorisation: Money


class HeldYearView(PlannedYearView):
    """A year as it is now: what it may hold, what is booked, what is free."""

    reserved: Money
    committed: Money
    free: Money


class PlanVersionView(HistoryLine):
    """One version of what a title may hold; a year it does not name stays as it was."""

    name: str
    source: str
    years: tuple[PlannedYearView, ...]


class BudgetLine(View):
    """A title in the list, as it holds now."""

    key: str
    name: str
    years: tuple[HeldYearView, ...]


class BudgetTitleView(View):
    """A title with all versions of its plan, and its years as they are; none before the first approval."""

    id: UUID
    key: str
    in_force: int | None
    pending: int | None
    years: tuple[HeldYearView, ...]
    versions: tuple[PlanVersionView, ...]
    actions: tuple[Step, ...]


@router.get("")
async def list_budget_titles(door: Staff) -> list[BudgetLine]:
    """All titles in force with their years, by key."""

    async def titles(work: ApplicationsWork) -> list[BudgetLine]:
        return [BudgetLine(key=title.key, name=title.name, years=_held(title)) for title in await work.budget.titles()]

    return await door.read(titles)


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[AlreadyThere])
async def post_budget_title(body: NewTitle, once: Idempotent, door: Proposer) -> BudgetTitleView:
    """Propose a new title with its years; nothing can be reserved in it before another person has approved it."""

    async def show(record_id: UUID, work: ApplicationsWork) -> BudgetTitleView:
        return await _shown(door, await work.budget_plans.get_by_id(record_id), work)

    view = await door.create(once, lambda work: propose_budget_title(body.key, body.stated(), work), show)
    door.located(f"/applications/v1/budget-titles/{view.key}")
    return view


@router.get("/{title_key}")
async def get_budget_title(title_key: TitleKey, door: Staff) -> BudgetTitleView:
    """One title with all versions of its plan, its ETag, and the actions open to this person now."""

    async def read(work: ApplicationsWork) -> BudgetTitleView:
        return await _shown(door, await work.budget_plans.get(title_key), work)

    return await door.read(read)


@router.post("/{title_key}/correction")
@documents(KINDS[WrongState], KINDS[BudgetExceeded])
async def post_budget_title_correction(
    title_key: TitleKey, body: StatedBudgetPlan, seen: IfMatch, door: Proposer
) -> BudgetTitleView:
    """Propose other amounts or further years; never less than what is booked in a year already."""

    async def correct(work: ApplicationsWork) -> BudgetTitleView:
        return await _shown(door, await correct_budget_title(title_key, body.stated(), seen, work), work)

    return await door.command(correct)


@router.post("/{title_key}/approval")
@documents(KINDS[WrongState], KINDS[FourEyesViolated], KINDS[BudgetExceeded])
async def post_budget_title_approval(title_key: TitleKey, seen: IfMatch, door: Approver) -> BudgetTitleView:
    """Put in force what another person proposed: from now on the years hold it."""

    async def approve(work: ApplicationsWork) -> BudgetTitleView:
        return await _shown(door, await approve_budget_plan(title_key, seen, work), work)

    return await door.command(approve)


@router.post("/{title_key}/return")
@documents(KINDS[WrongState])
async def post_budget_title_return(
    title_key: TitleKey, body: Returned, seen: IfMatch, door: Approver
) -> BudgetTitleView:
    """Do not approve what waits, or withdraw the own proposal; what is in force stays."""

    async def give_back(work: ApplicationsWork) -> BudgetTitleView:
        record = await return_version(work.budget_plans, title_key, body.reason, seen, work)
        return await _shown(door, record, work)

    return await door.command(give_back)


async def _shown(
    door: Edge[ApplicationsWork], record: MasterRecord[BudgetPlan], work: ApplicationsWork
) -> BudgetTitleView:
    door.etag(record.version)
    years = () if record.in_force is None else _held(await work.budget.title(record.key))
    versions = (
        PlanVersionView(
            **HistoryLine.told(version), name=version.content.name, source=version.content.source,
            years=tuple(_planned(year) for year in version.content.years),
        )
        for version in record.versions
    )  # fmt: skip
    return BudgetTitleView(
        id=record.id, key=record.key, years=years, versions=tuple(versions),
        actions=open_to(door.principal, record), **numbers(record),
    )  # fmt: skip


def _held(title: BudgetTitle) -> tuple[HeldYearView, ...]:
    names = ("appropriation", "commitment_authorisation", "reserved", "committed", "free")
    return tuple(
        HeldYearView(year=number, **{name: getattr(year, name) for name in names})
        for number, year in sorted(title.years.items())
    )


def _planned(year: PlannedYear) -> PlannedYearView:
    return PlannedYearView(**{name: getattr(year, name) for name in PlannedYearView.model_fields})
