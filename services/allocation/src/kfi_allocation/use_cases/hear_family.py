"""The family of a decided procedure is heard about its town (§ 28 VwVfG NRW), and a community where there is one."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.domain.decision import LetterKind
from kfi_allocation.domain.hearing import CommunityHearing, Hearing, HearingAnswer
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Action
from kfi_allocation.family_letters import hearing_letter
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.work import AllocationWork
from kfi_contracts.letters import LetterContent
from kfi_law.periods import end_of_day_period


@dataclass(frozen=True)
class RecordHearing:
    """What the family said, received on a day (None: today)."""

    household_id: UUID
    seen_version: int
    received_on: date | None
    wishes: tuple[str, ...]
    text: str


async def order_hearing(household_id: UUID, seen: int, work: AllocationWork) -> Placement:
    """Ask the family by letter, with the policy's days to answer. Raises AddressMissing, ObjectionOpen, WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    today = work.calendar.today()
    hearing = Hearing(uuid4(), placement.town(Action.ORDER_HEARING), today, await _answer_by(work))
    placement.order_hearing(hearing)
    placement.letter_was_ordered(hearing.letter_id, LetterKind.HEARING, on=today)
    content = await letter_of_hearing(placement, hearing, work)
    work.letters.write(content, household_id=household_id, notification_id=hearing.letter_id)
    await work.placements.save(placement)
    return placement


async def letter_of_hearing(placement: Placement, hearing: Hearing, work: AllocationWork) -> LetterContent:
    """The letter that asks. Raises AddressMissing."""
    return hearing_letter(
        await work.households.get(placement.id),
        hearing.ags,
        answer_by=hearing.answer_by,
        office=work.office,
        announced_on=placement.announced_on,
        written_by=work.actor.name,
    )


async def record_hearing(command: RecordHearing, work: AllocationWork) -> Placement:
    """The family's answer, also when it is late. Raises DateNotPossible, WrongState."""
    placement = await work.placements.get_to_change(command.household_id, command.seen_version)
    today = work.calendar.today()
    answer = HearingAnswer(command.received_on or today, command.wishes, command.text)
    placement.record_hearing(answer, today=today)
    await work.placements.save(placement)
    return placement


async def end_hearing_period(household_id: UUID, work: AllocationWork) -> None:
    """The day after the last day has come: without an answer it is decided on the file."""
    try:
        placement = await work.placements.get_to_change(household_id)
    except UnknownPlacement:
        return
    if placement.end_hearing_period(work.calendar.today()):
        await work.placements.save(placement)


async def ask_community(household_id: UUID, seen: int, work: AllocationWork) -> Placement:
    """The planner asked the Kultusgemeinde about the town; it has the policy's days. Raises WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    ags = placement.town(Action.ASK_COMMUNITY)
    placement.ask_community(CommunityHearing(ags, work.calendar.today(), await _answer_by(work)))
    await work.placements.save(placement)
    return placement


async def record_communitys_answer(
    household_id: UUID, seen: int, *, supports: bool, text: str, received_on: date | None, work: AllocationWork
) -> Placement:
    """What it said, also when it is late. Raises DateNotPossible, WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    today = work.calendar.today()
    placement.record_communitys_answer(supports=supports, text=text, received_on=received_on or today, today=today)
    await work.placements.save(placement)
    return placement


async def _answer_by(work: AllocationWork) -> date:
    today = work.calendar.today()
    return end_of_day_period(today, (await work.policies.in_force(today)).hearing_days)
