"""The second signature: the proposal becomes the decision, its letter is ordered."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from kfi_applications.domain.application import Application
from kfi_applications.domain.decision import Outcome
from kfi_applications.letter import decision_letter, digest_of
from kfi_applications.works import ApplicationsWork


@dataclass(frozen=True)
class SignDecision:
    """What is signed: the digest of the letter as the signatory read it."""

    application_id: UUID
    seen_version: int
    seen_digest: str


async def sign_decision(command: SignDecision, work: ApplicationsWork) -> Application:
    """The very letter that was read is sent. Raises FourEyesViolated, ProposalChanged, NotInBudget, WrongState."""
    application = await work.applications.get_to_change(command.application_id, seen_version=command.seen_version)
    letter = decision_letter(application, work.catalogue.programme(application.programme), signed_by=work.actor.name)
    decision = application.sign(
        work.actor.person,
        seen_digest=command.seen_digest,
        letter_digest=digest_of(letter),
        on=work.calendar.today(),
        decision_id=uuid4(),
        letter_id=uuid4(),
        named=work.actor.name,
    )
    if decision.outcome is not Outcome.REJECTED and application.proposal is not None:
        await work.budget.commit(application.proposal.budget_title, application.id)
    await work.applications.save(application)
    work.letters.order(letter, application, letter_id=decision.letter_id, act_id=decision.id)
    return application
