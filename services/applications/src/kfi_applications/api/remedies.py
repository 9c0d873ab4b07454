"""Waivers and court actions after a decision."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import organisation_seen_by
from kfi_applications.api.requests import CourtAction, CourtActionConclusion, Waiver
from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.application import Application
from kfi_applications.domain.errors import DateNotPossible, NoMandate, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.conclude_court_action import conclude_court_action
from kfi_applications.use_cases.record_court_action import record_court_action
from kfi_applications.use_cases.waive_remedies import waive_remedies
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["remedies"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]
Waiving = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT, Mover.CASEWORKER)]


@router.post("/waiver")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_waiver(application_id: UUID, body: Waiver, seen: IfMatch, door: Waiving) -> ApplicationView:
    """Waive remedies: final at once, or as soon as the decision is announced."""
    organisation = organisation_seen_by(door.principal)

    async def waive(work: ApplicationsWork) -> Application:
        received_on = body.received_on or work.calendar.today()
        return await waive_remedies(application_id, seen, organisation, received_on, work)

    return await act(door, waive)


@router.post("/court-action")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_court_action(
    application_id: UUID, body: CourtAction, seen: IfMatch, door: Caseworker
) -> ApplicationView:
    """An action is pending: the decision does not become final."""
    return await act(door, lambda work: record_court_action(application_id, seen, body.filed_on, work))


@router.post("/court-action-conclusion")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_court_action_conclusion(
    application_id: UUID, body: CourtActionConclusion, seen: IfMatch, door: Caseworker
) -> ApplicationView:
    """The action was dismissed or withdrawn: final, or back to the remedy period that still runs."""
    return await act(door, lambda work: conclude_court_action(application_id, seen, body.end, body.concluded_on, work))
