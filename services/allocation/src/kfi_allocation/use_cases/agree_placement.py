"""The coordinated procedure: what the family says, and the confirmation once family and town agree."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.domain.decision import LetterKind
from kfi_allocation.domain.errors import AddressMissing
from kfi_allocation.domain.hearing import FamilysAnswer
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Action, State
from kfi_allocation.family_letters import agreement_letter
from kfi_allocation.work import AllocationWork
from kfi_contracts.allocation_letters import NoticeOccasion
from kfi_contracts.letters import LetterContent

ADDRESS_MISSING = "address-missing"


async def record_familys_answer(
    household_id: UUID, seen: int, *, agrees: bool, answered_on: date, text: str, work: AllocationWork
) -> Placement:
    """The family says yes or no to the town. Raises DateNotPossible, ObjectionOpen, WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    ags = placement.town(Action.RECORD_FAMILYS_ANSWER)
    placement.record_familys_answer(FamilysAnswer(ags, agrees, answered_on, text), today=work.calendar.today())
    return await save_and_confirm(placement, work)


async def save_and_confirm(placement: Placement, work: AllocationWork) -> Placement:
    """Save; if this step made the agreement, order its confirmation and tell the town.

    Where the family cannot be written to, the agreement holds all the same and the letter waits for a planner.
    """
    if placement.state is not State.AGREED or placement.agreed_on is None or not placement.happened:
        await work.placements.save(placement)
        return placement
    letter_id = uuid4()
    placement.letter_was_ordered(letter_id, LetterKind.AGREEMENT, on=work.calendar.today())
    try:
        content = await confirmation(placement, work)
        work.letters.write(content, household_id=placement.id, notification_id=letter_id)
    except AddressMissing:
        *others, last = placement.letters
        placement.letters = (*others, replace(last, failed=ADDRESS_MISSING))
    await work.placements.save(placement)
    await work.notices.order(placement.town(Action.SIGN), NoticeOccasion.SETTLED, concerns=placement.id)
    return placement


async def confirmation(placement: Placement, work: AllocationWork) -> LetterContent:
    """The letter that confirms an agreement. Raises AddressMissing, and WrongState when nothing is agreed."""
    ags, agreed_on = placement.town(Action.ORDER_LETTER_AGAIN), placement.agreed_on
    return agreement_letter(
        await work.households.get(placement.id),
        ags,
        agreed_on=agreed_on or work.calendar.today(),
        office=work.office,
        announced_on=placement.announced_on,
        written_by=work.actor.name,
    )
