"""A letter did not reach the family: it is ordered once more, a decision as it was signed."""

from uuid import UUID, uuid4

from kfi_allocation.domain.decision import Decision, LetterKind
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement import Placement
from kfi_allocation.letter_contents import to_family
from kfi_allocation.use_cases.agree_placement import confirmation
from kfi_allocation.use_cases.hear_family import letter_of_hearing
from kfi_allocation.work import AllocationWork
from kfi_contracts.letters import LetterContent


async def order_letter_again(household_id: UUID, seen: int, letter_id: UUID, work: AllocationWork) -> Placement:
    """To the address as it is known now; of a decision nothing but the address differs. Raises WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    again = placement.order_letter_again(letter_id, uuid4(), on=work.calendar.today())
    await work.placements.save(placement)
    if again.kind is LetterKind.DECISION:
        decision = next(each for each in placement.decisions if each.letter_id == again.id)
        content = await _as_signed(placement, decision, work)
        work.letters.announce(content, household_id=household_id, act_id=decision.id, notification_id=again.id)
        return placement
    content = await _written_anew(placement, again.kind, work)
    work.letters.write(content, household_id=household_id, notification_id=again.id)
    return placement


async def _as_signed(placement: Placement, decision: Decision, work: AllocationWork) -> LetterContent:
    paper = next((each for each in placement.proceedings.papers if each.decision_id == decision.id), None)
    if paper is None:
        raise WrongState("What was signed is not here any more.", fix="Decide anew.")
    signed = LetterContent.model_validate_json(paper.letter)
    household = await work.households.get(placement.id)
    return signed.model_copy(update={"addressee": to_family(household, work.office, signed.facts).addressee})


async def _written_anew(placement: Placement, kind: LetterKind, work: AllocationWork) -> LetterContent:
    if kind is LetterKind.AGREEMENT:
        return await confirmation(placement, work)
    if placement.hearing is None:
        raise WrongState("Its town is another one by now.", fix="Order a hearing about the town of now.")
    return await letter_of_hearing(placement, placement.hearing, work)
