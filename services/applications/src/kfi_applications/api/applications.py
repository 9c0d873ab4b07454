"""Applications: filed, listed, read, corrected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from kfi_applications.api.answers import act, shown
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import READERS, organisation_seen_by, own_organisation
from kfi_applications.api.requests import CorrectedFinancePlan, NewApplication
from kfi_applications.api.views import ApplicationLine, ApplicationView
from kfi_applications.domain.errors import CallNotAccepting, FactMissing, PlanDoesNotAddUp, WrongState
from kfi_applications.domain.states import Mover, State
from kfi_applications.use_cases.correct_finance_plan import correct_finance_plan
from kfi_applications.use_cases.file_application import FileApplication, file_application
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.use_cases.search_applications import duplicates_of
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications", tags=["applications"])
Applicant = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT)]
Reader = Annotated[Edge[ApplicationsWork], edge(*READERS)]


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[CallNotAccepting], KINDS[FactMissing], KINDS[PlanDoesNotAddUp])
async def post_application(body: NewApplication, once: Idempotent, door: Applicant) -> ApplicationView:
    """File an application for the own organisation; a late one is marked or refused, as the call says."""
    command = FileApplication(
        organisation=own_organisation(door.principal),
        call=body.call,
        applicant=body.applicant.stated(),
        addressee=body.addressee.stated(),
        project=body.project.stated(),
        finance_plan=body.finance_plan.stated(),
    )

    async def show(application_id: UUID, work: ApplicationsWork) -> ApplicationView:
        return await shown(door, await work.applications.get(application_id, organisation=command.organisation), work)

    view = await door.create(once, lambda work: file_application(command, work), show)
    door.located(f"/applications/v1/applications/{view.id}")
    return view


@router.get("")
async def list_applications(
    door: Reader, asked: Paged, state: Annotated[State | None, Query(description="Only cases in this state.")] = None
) -> Page[ApplicationLine]:
    """Cases, the newest first: staff see all, an applicant those of its own organisation."""
    after = asked.after(int)

    async def page(work: ApplicationsWork) -> Page[ApplicationLine]:
        found = await work.applications.page(
            organisation=organisation_seen_by(door.principal),
            state=state,
            before=after[0] if after else None,
            rows=asked.rows,
        )
        return asked.page(found, lambda row: ApplicationLine.of(row[1], door.principal), lambda row: (row[0],))

    return await door.read(page)


@router.get("/{application_id}")
async def get_application(application_id: UUID, door: Reader) -> ApplicationView:
    """One case, with its ETag and the actions open to this person now; somebody else's is not found.

    That staff looked at it is recorded.
    """
    organisation = organisation_seen_by(door.principal)

    async def read(work: ApplicationsWork) -> ApplicationView:
        application = await read_application(application_id, organisation, Look.CASE, work)
        view = await shown(door, application, work)
        return view if organisation else view.model_copy(update={"duplicates": await duplicates_of(application, work)})

    return await door.read(read)


@router.post("/{application_id}/finance-plan")
@documents(KINDS[PlanDoesNotAddUp], KINDS[WrongState])
async def post_finance_plan(
    application_id: UUID, body: CorrectedFinancePlan, seen: IfMatch, door: Applicant
) -> ApplicationView:
    """Send the corrected finance plan that was asked for; the check begins anew."""
    organisation, plan = own_organisation(door.principal), body.finance_plan.stated()
    return await act(door, lambda work: correct_finance_plan(application_id, seen, organisation, plan, work))
