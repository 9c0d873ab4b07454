"""A decision that says something wrong is corrected: proposed by one person, signed by another, by its own letter."""

from typing import Final
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.correction import Correction, CorrectionText
from kfi_applications.domain.errors import LetterTooLong, WrongState
from kfi_applications.letter import correction_letter, digest_of
from kfi_applications.works import ApplicationsWork
from kfi_chassis.sealing import MAX_CONTENT_BYTES
from kfi_contracts.letters import LetterContent, content_bytes

LONGEST: Final = MAX_CONTENT_BYTES - 1_000
"""Bytes of content; there is room left for the name of whoever signs."""


async def propose_correction(application_id: UUID, text: CorrectionText, work: ApplicationsWork) -> UUID:
    """The first pair of eyes. Raises WrongState while nothing is decided, LetterTooLong, UnknownApplication."""
    application = await work.applications.get_to_change(application_id)
    if application.decision is None:
        raise WrongState("Nothing is decided, so nothing can be corrected.", fix="Read the case again.")
    correction = Correction(
        uuid4(),
        application_id,
        await work.corrections.next_number(application_id),
        text,
        work.actor.person,
        work.calendar.today(),
    )
    if len(content_bytes(letter_of(correction, application, work))) > LONGEST:
        raise LetterTooLong(f"The letter would hold more than {LONGEST} bytes.", fix="Shorten it.", field="points")
    await work.corrections.add(correction)
    return correction.id


async def sign_correction(
    application_id: UUID, correction_id: UUID, seen_version: int, seen_digest: str, work: ApplicationsWork
) -> Correction:
    """The second pair of eyes: the very letter that was read is sent, and announces an act of its own.

    Raises WrongState, FourEyesViolated, ProposalChanged, UnknownCorrection.
    """
    application = await work.applications.get(application_id)
    correction = await work.corrections.get_to_change(application_id, correction_id, seen_version=seen_version)
    letter = letter_of(correction, application, work, signed_by=work.actor.name)
    correction.sign(
        work.actor.person,
        seen_digest=seen_digest,
        letter_digest=digest_of(letter),
        on=work.calendar.today(),
        letter_id=uuid4(),
        named=work.actor.name,
    )
    await work.corrections.save(correction)
    _order(letter, correction, application, work)
    return correction


async def order_correction_again(
    application_id: UUID, correction_id: UUID, seen_version: int, work: ApplicationsWork
) -> Correction:
    """The letter reached nobody: once more, to the address the case has now. Raises WrongState, UnknownCorrection."""
    application = await work.applications.get(application_id)
    correction = await work.corrections.get_to_change(application_id, correction_id, seen_version=seen_version)
    letter = letter_of(correction, application, work, signed_by=correction.text.named)
    correction.order_letter_again(uuid4(), digest_of(letter))
    await work.corrections.save(correction)
    _order(letter, correction, application, work)
    return correction


def letter_of(
    correction: Correction, application: Application, work: ApplicationsWork, *, signed_by: str | None = None
) -> LetterContent:
    """The content of the letter that the correction would be, or is."""
    return correction_letter(
        application, work.catalogue.programme(application.programme), correction, signed_by=signed_by
    )


def _order(letter: LetterContent, correction: Correction, application: Application, work: ApplicationsWork) -> None:
    if correction.letter_id is None:
        raise AssertionError("what is signed has a letter")
    work.letters.order(letter, application, letter_id=correction.letter_id, act_id=correction.id)
