"""From the proposal to the signature."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from kfi_applications.api.answers import act
from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import STAFF
from kfi_applications.api.requests import LetterOrder, NewProposal, ReturnedProposal, Signature
from kfi_applications.api.views import ApplicationView, LetterView
from kfi_applications.domain.errors import (
    AnswerStillPossible,
    BudgetExceeded,
    FourEyesViolated,
    LetterTooLong,
    NoMandate,
    NotAllowedByAssessment,
    NotInBudget,
    ProposalChanged,
    WrongState,
)
from kfi_applications.domain.states import Mover
from kfi_applications.letter import decision_letter, digest_of
from kfi_applications.use_cases.open_second_check import open_second_check
from kfi_applications.use_cases.order_letter_again import OrderLetterAgain, order_letter_again
from kfi_applications.use_cases.propose_decision import ProposeDecision, propose_decision
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.use_cases.reserve_funds import reserve_funds
from kfi_applications.use_cases.return_proposal import return_proposal
from kfi_applications.use_cases.sign_decision import SignDecision, sign_decision
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}", tags=["decisions"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]
BudgetOfficer = Annotated[Edge[ApplicationsWork], edge(Mover.BUDGET_OFFICER, Mover.CASEWORKER)]
Signatory = Annotated[Edge[ApplicationsWork], edge(Mover.SIGNATORY)]
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]


@router.post("/proposal")
@documents(
    KINDS[WrongState], KINDS[NoMandate], KINDS[AnswerStillPossible], KINDS[NotAllowedByAssessment], KINDS[LetterTooLong]
)
async def post_proposal(application_id: UUID, body: NewProposal, seen: IfMatch, door: Caseworker) -> ApplicationView:
    """Propose a grant or, with amount 0.00, a rejection; no more than the assessment of today bears."""
    command = ProposeDecision(application_id, seen, body.amount, body.by_year(), body.reasons, body.conditions)
    return await act(door, lambda work: propose_decision(command, work))


@router.post("/reservation")
@documents(KINDS[WrongState], KINDS[NoMandate], KINDS[BudgetExceeded], KINDS[NotInBudget])
async def post_reservation(application_id: UUID, seen: IfMatch, door: BudgetOfficer) -> ApplicationView:
    """Set the money of all years of the proposal aside, or none."""
    return await act(door, lambda work: reserve_funds(application_id, seen, work))


@router.post("/second-check")
@documents(KINDS[WrongState], KINDS[FourEyesViolated])
async def post_second_check(application_id: UUID, seen: IfMatch, door: Signatory) -> ApplicationView:
    """Take the proposal of another person for the second check."""
    return await act(door, lambda work: open_second_check(application_id, seen, work))


@router.post("/return")
@documents(KINDS[WrongState], KINDS[FourEyesViolated])
async def post_return(application_id: UUID, body: ReturnedProposal, seen: IfMatch, door: Signatory) -> ApplicationView:
    """Give the proposal back; what was reserved for it is free again."""
    return await act(door, lambda work: return_proposal(application_id, seen, body.reason, work))


@router.get("/letter-content")
@documents(KINDS[WrongState])
async def get_letter_content(application_id: UUID, door: Staff) -> LetterView:
    """The letter that this person's signature would send, and the digest to sign."""

    async def read(work: ApplicationsWork) -> LetterView:
        application = await read_application(application_id, None, Look.LETTER, work)
        programme = work.catalogue.programme(application.programme)
        content = decision_letter(application, programme, signed_by=work.actor.name)
        door.etag(application.version)
        return LetterView(digest=digest_of(content), content=content)

    return await door.read(read)


@router.post("/signature")
@documents(KINDS[WrongState], KINDS[FourEyesViolated], KINDS[ProposalChanged], KINDS[NotInBudget])
async def post_signature(application_id: UUID, body: Signature, seen: IfMatch, door: Signatory) -> ApplicationView:
    """Sign the letter that was read: the proposal becomes the decision, and this very letter is sent."""
    command = SignDecision(application_id, seen, body.digest)
    return await act(door, lambda work: sign_decision(command, work))


@router.post("/letter-order")
@documents(KINDS[WrongState], KINDS[ProposalChanged])
async def post_letter_order(application_id: UUID, body: LetterOrder, seen: IfMatch, door: Signatory) -> ApplicationView:
    """Order the decision's letter again after it failed, was recalled or came back; only the address may differ."""
    addressee = None if body.addressee is None else body.addressee.stated()
    return await act(door, lambda work: order_letter_again(OrderLetterAgain(application_id, seen, addressee), work))
