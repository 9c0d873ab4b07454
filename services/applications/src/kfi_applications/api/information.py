"""Requests for information (Nachforderung), and the answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import organisation_seen_by
from kfi_applications.api.requests import Answer, NewInformationRequest
from kfi_applications.api.views import ApplicationView
from kfi_applications.domain.errors import DateNotPossible, NoMandate, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.use_cases.request_information import (
    RequestInformation,
    answer_request,
    remind_applicant,
    request_information,
)
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["information"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]
Answering = Annotated[Edge[ApplicationsWork], edge(Mover.APPLICANT, Mover.CASEWORKER)]


@router.post("/information-request")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_information_request(
    application_id: UUID, body: NewInformationRequest, seen: IfMatch, door: Caseworker
) -> ApplicationView:
    """Ask the applicant for what is missing: a letter goes out, and the case waits until the day of the answer."""
    command = RequestInformation(
        application_id, seen, body.items, body.text, body.answer_by, body.consequence,
    )  # fmt: skip
    return await act(door, lambda work: request_information(command, work))


@router.post("/answer")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[DateNotPossible])
async def post_answer(application_id: UUID, body: Answer, seen: IfMatch, door: Answering) -> ApplicationView:
    """Answer a request for information, also when it is late; the check begins anew."""
    organisation = organisation_seen_by(door.principal)
    return await act(
        door, lambda work: answer_request(application_id, seen, organisation, body.text, body.received_on, work)
    )


@router.post("/reminder")
@documents(KINDS[WrongState], KINDS[NoMandate])
async def post_reminder(application_id: UUID, seen: IfMatch, door: Caseworker) -> ApplicationView:
    """Remind the applicant by letter before the usual reminder goes out by itself; once a day at most."""
    return await act(door, lambda work: remind_applicant(application_id, seen, work))
