"""Corrections of a decision (Änderungsbescheid): acts of their own, with four eyes and a letter of their own."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel

from kfi_applications.api.problems import KINDS
from kfi_applications.api.readers import STAFF
from kfi_applications.api.requests import NewCorrection, Signature
from kfi_applications.api.views import LetterView, View
from kfi_applications.domain.correction import Correction, CorrectionState
from kfi_applications.domain.errors import FourEyesViolated, LetterTooLong, ProposalChanged, WrongState
from kfi_applications.domain.states import Mover
from kfi_applications.letter import digest_of
from kfi_applications.use_cases.correct_decision import (
    letter_of,
    order_correction_again,
    propose_correction,
    sign_correction,
)
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.identity import Principal
from kfi_chassis.problem import documents

router = APIRouter(prefix="/applications/{application_id}/corrections", tags=["corrections"])
Caseworker = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER)]
Signatory = Annotated[Edge[ApplicationsWork], edge(Mover.SIGNATORY)]
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]


class PointView(View):
    """One point that is corrected."""

    subject: str
    was: str
    becomes: str


class CorrectionView(View):
    """A correction as staff see it."""

    id: UUID
    number: int
    state: CorrectionState
    points: tuple[PointView, ...]
    reasons: tuple[str, ...]
    legal_basis: tuple[str, ...]
    proposed_on: date
    decided_on: date | None
    letter_id: UUID | None
    announced_on: date | None
    remedy_ends_on: date | None
    final_on: date | None
    failure: str | None
    version: int
    actions: tuple[str, ...]

    @classmethod
    def of(cls, correction: Correction, reader: Principal) -> "CorrectionView":
        """The view of a correction, with what this person may do now."""
        text = correction.text
        told = {name: getattr(correction, name) for name in cls.model_fields if hasattr(correction, name)}
        points = tuple(PointView(**vars(point)) for point in text.points)
        return cls(
            **told, points=points, reasons=text.reasons, legal_basis=text.legal_basis,
            actions=_actions(correction, reader),
        )  # fmt: skip


class CorrectionsView(BaseModel):
    """All corrections of a case."""

    items: list[CorrectionView]


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[WrongState], KINDS[LetterTooLong])
async def post_correction(
    application_id: UUID, body: NewCorrection, once: Idempotent, door: Caseworker
) -> CorrectionView:
    """Propose the correction of a decision; it moves no money."""

    async def show(correction_id: UUID, work: ApplicationsWork) -> CorrectionView:
        return _shown(await work.corrections.get(correction_id), door)

    return await door.create(once, lambda work: propose_correction(application_id, body.stated(), work), show)


@router.get("")
async def list_corrections(application_id: UUID, door: Staff) -> CorrectionsView:
    """The corrections of a case, the first first. That somebody looked at them is recorded."""

    async def read(work: ApplicationsWork) -> CorrectionsView:
        await read_application(application_id, None, Look.CASE, work)
        found = await work.corrections.of_case(application_id)
        return CorrectionsView(items=[CorrectionView.of(each, door.principal) for each in found])

    return await door.read(read)


@router.get("/{correction_id}/letter-content")
async def get_correction_letter(application_id: UUID, correction_id: UUID, door: Staff) -> LetterView:
    """The letter that this person's signature would send, or that was sent, and its digest."""

    async def read(work: ApplicationsWork) -> LetterView:
        application = await read_application(application_id, None, Look.LETTER, work)
        correction = await work.corrections.get_to_change(application_id, correction_id)
        named = work.actor.name if correction.state is CorrectionState.PROPOSED else correction.text.named
        content = letter_of(correction, application, work, signed_by=named)
        door.etag(correction.version)
        return LetterView(digest=digest_of(content), content=content)

    return await door.read(read)


@router.post("/{correction_id}/signature")
@documents(KINDS[WrongState], KINDS[FourEyesViolated], KINDS[ProposalChanged])
async def post_correction_signature(
    application_id: UUID, correction_id: UUID, body: Signature, seen: IfMatch, door: Signatory
) -> CorrectionView:
    """Sign the letter that was read: another person than proposed it; this very letter is sent."""

    async def sign(work: ApplicationsWork) -> CorrectionView:
        return _shown(await sign_correction(application_id, correction_id, seen, body.digest, work), door)

    return await door.command(sign)


@router.post("/{correction_id}/letter-order")
@documents(KINDS[WrongState])
async def post_correction_letter_order(
    application_id: UUID, correction_id: UUID, seen: IfMatch, door: Signatory
) -> CorrectionView:
    """Order the letter again after it failed, was recalled or came back, to the address the case has now."""

    async def order(work: ApplicationsWork) -> CorrectionView:
        return _shown(await order_correction_again(application_id, correction_id, seen, work), door)

    return await door.command(order)


def _shown(correction: Correction, door: Edge[ApplicationsWork]) -> CorrectionView:
    door.etag(correction.version)
    return CorrectionView.of(correction, door.principal)


def _actions(correction: Correction, reader: Principal) -> tuple[str, ...]:
    if not reader.has_any(frozenset({Mover.SIGNATORY.value})):
        return ()
    if correction.state is CorrectionState.PROPOSED and reader.person != correction.proposed_by:
        return ("signature",)
    failed = correction.state is CorrectionState.SIGNED and correction.failure is not None
    return ("letter-order",) if failed else ()
