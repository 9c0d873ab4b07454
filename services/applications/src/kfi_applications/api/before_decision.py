"""What may happen before the decision: the application is withdrawn, or its project may begin early."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import organisation_seen_by
from kfi_applications.api.requests import NewEarlyStart, Withdrawal
from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.errors import AlreadyDecided, DateNotPossible, NoMandate, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.permit_early_start import permit_early_start
from kfi_applications.use_cases.withdraw_application import withdraw_application
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["before the decision"])
Withdrawing = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT, Mover.CASEWORKER)]
Signatory = Annotated[Edge[ApplicationsWork], edge(Mover.SIGNATORY)]


@router.post("/withdrawal")
@documents(KINDS[WrongState], KINDS[AlreadyDecided], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_withdrawal(application_id: UUID, body: Withdrawal, seen: IfMatch, door: Withdrawing) -> ApplicationView:
    """Take the application back: the case ends and reserved money is free again; not once it is signed."""
    organisation = organisation_seen_by(door.principal)
    return await act(
        door, lambda work: withdraw_application(application_id, seen, organisation, body.received_on, work)
    )


@router.post("/early-start")
@documents(KINDS[WrongState], KINDS[AlreadyDecided], KINDS[DateNotPossible])
async def post_early_start(
    application_id: UUID, body: NewEarlyStart, seen: IfMatch, door: Signatory
) -> ApplicationView:
    """Permit that the project begins before the decision, from a day on; no claim to a grant follows from it."""
    return await act(door, lambda work: permit_early_start(application_id, seen, body.begins_on, work))
