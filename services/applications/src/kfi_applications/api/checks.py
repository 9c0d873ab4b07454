"""The checks of a caseworker."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.errors import NoMandate, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.open_formal_check import open_formal_check
from kfi_applications.use_cases.open_substance_check import open_substance_check
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["checks"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]


@router.post("/formal-check")
@documents(KINDS[WrongState], KINDS[NoMandate])
async def post_formal_check(application_id: UUID, seen: IfMatch, door: Caseworker) -> ApplicationView:
    """Take a received application up."""
    return await act(door, lambda work: open_formal_check(application_id, seen, work))


@router.post("/substance-check")
@documents(KINDS[WrongState], KINDS[NoMandate])
async def post_substance_check(application_id: UUID, seen: IfMatch, door: Caseworker) -> ApplicationView:
    """The file is complete: assess it; a plan that cannot be funded goes back to the applicant for correction."""
    return await act(door, lambda work: open_substance_check(application_id, seen, work))
