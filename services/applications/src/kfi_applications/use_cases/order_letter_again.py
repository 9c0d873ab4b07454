"""The decision's letter did not reach anybody: the letter that was signed is ordered once more."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import Addressee
from kfi_applications.domain.decision import Decision
from kfi_applications.domain.errors import ProposalChanged
from kfi_applications.letter import decision_letter, digest_of
from kfi_applications.works import ApplicationsWork
from kfi_contracts.letters import LetterContent


@dataclass(frozen=True)
class OrderLetterAgain:
    """Which case, and the right address where the one of the case was wrong."""

    application_id: UUID
    seen_version: int
    addressee: Addressee | None = None


async def order_letter_again(command: OrderLetterAgain, work: ApplicationsWork) -> Application:
    """The very letter that was signed, as a new notification; nothing of it differs but the address.

    Raises ProposalChanged when it cannot be made again as it was signed, WrongState while it is on its way.
    """
    application = await work.applications.get_to_change(command.application_id, seen_version=command.seen_version)
    decision = application.order_letter_again(uuid4())
    if digest_of(_letter_of(application, decision, work)) != decision.letter_digest:
        raise ProposalChanged(
            "The letter that was signed cannot be made again as it was.", fix="Correct the decision by a new act.",
            field="digest",
        )  # fmt: skip
    if command.addressee is not None:
        application.addressee = command.addressee
    letter = _letter_of(application, decision, work)
    application.decision = replace(decision, letter_digest=digest_of(letter))
    await work.applications.save(application)
    work.letters.order(letter, application, letter_id=decision.letter_id, act_id=decision.id)
    return application


def _letter_of(application: Application, decision: Decision, work: ApplicationsWork) -> LetterContent:
    programme = work.catalogue.programme(application.programme)
    return decision_letter(application, programme, signed_by=decision.signed_by_name)
