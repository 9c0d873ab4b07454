"""The second person signs: the draft becomes the decision, and the very letter that was read is sent."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from kfi_allocation.domain.decision import LetterKind
from kfi_allocation.domain.placement import Placement
from kfi_allocation.letter_contents import digest_of
from kfi_allocation.use_cases.draft_decision import letter_of_draft
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion


@dataclass(frozen=True)
class SignAllocation:
    """Which draft is signed, at which version, and the digest of the letter that was read."""

    household_id: UUID
    seen_version: int
    seen_digest: str


async def sign_allocation(command: SignAllocation, work: AllocationWork) -> Placement:
    """Decide. Raises FourEyesViolated, LetterChanged, ReasonsMissing, ObjectionOpen, PeriodRuns, WrongState."""
    placement = await work.placements.get_to_change(command.household_id, command.seen_version)
    letter = await letter_of_draft(placement, work)
    today = work.calendar.today()
    decision = placement.sign(
        work.actor.person,
        seen_digest=command.seen_digest,
        letter_digest=digest_of(letter),
        on=today,
        decision_id=uuid4(),
        letter_id=uuid4(),
        letter=letter.model_dump_json(),
        named=work.actor.name,
    )
    placement.letter_was_ordered(decision.letter_id, LetterKind.DECISION, on=today)
    await work.placements.save(placement)
    work.letters.announce(letter, household_id=placement.id, act_id=decision.id, notification_id=decision.letter_id)
    await work.notices.order(decision.ags, NoticeOccasion.SETTLED, concerns=placement.id)
    return placement
