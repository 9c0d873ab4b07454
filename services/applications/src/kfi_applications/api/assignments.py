"""Who works on a case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.requests import NewAssignment
from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.errors import NoMandate, UnknownColleague, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.assign_case import assign_case
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["assignments"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]


@router.post("/assignment")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[UnknownColleague])
async def post_assignment(
    application_id: UUID, body: NewAssignment, seen: IfMatch, door: Caseworker
) -> ApplicationView:
    """Take a case (`me`), give it to a colleague, or back to nobody (null); somebody else's only with a mandate."""
    to = body.person(door.principal.person)
    return await act(door, lambda work: assign_case(application_id, seen, to, work))
