"""A planner drafts the decision: the town against its best alternatives, from the frozen input of the run."""

import json
from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.decision import Draft
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.freezing import thawed
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import Action
from kfi_allocation.domain.reasons import Reasons, reasons_from
from kfi_allocation.family_letters import decision_letter
from kfi_allocation.runs import Document
from kfi_allocation.work import AllocationWork
from kfi_contracts.letters import LetterContent


@dataclass(frozen=True)
class DraftDecision:
    """What the planner adds to the figures: own sentences, and the answers to whoever was heard."""

    household_id: UUID
    seen_version: int
    weighing: tuple[str, ...]
    reply_to_family: str | None
    reply_to_community: str | None


async def draft_decision(command: DraftDecision, work: AllocationWork) -> Placement:
    """Put it before the signatory. Raises ReasonsMissing, PeriodRuns, ObjectionOpen, WrongState, AddressMissing."""
    placement = await work.placements.get_to_change(command.household_id, command.seen_version)
    reasons = await reasons_of(placement, work)
    draft = Draft(
        work.actor.person,
        work.calendar.today(),
        placement.town(Action.DRAFT),
        reasons,
        command.weighing,
        command.reply_to_family,
        command.reply_to_community,
    )
    placement.draft_decision(draft)
    await letter_of_draft(placement, work)
    await work.placements.save(placement)
    return placement


async def return_draft(household_id: UUID, seen: int, work: AllocationWork) -> Placement:
    """The signatory gives it back. Raises FourEyesViolated, WrongState."""
    placement = await work.placements.get_to_change(household_id, seen)
    placement.return_draft(work.actor.person)
    await work.placements.save(placement)
    return placement


async def reasons_of(placement: Placement, work: AllocationWork) -> Reasons:
    """The comparison of the town of now in the frozen input and plan of its run.

    Raises ReasonsMissing when it is not part of that run, WrongState while no run has named a town.
    """
    ags, run_id = placement.town(Action.DRAFT), placement.run_id
    if run_id is None:
        raise WrongState("No run has named the town.", fix="Plan the household in a run.")
    run = await work.runs.get(run_id)
    if run.certificate is None:
        raise WrongState("The run is not proved.", fix="Plan the household in a run.")
    frozen = thawed(await work.runs.document(run_id, Document.INPUT))
    plan = json.loads(await work.runs.document(run_id, Document.PLAN))
    places = plan["assignments"] | {str(placement.id): ags}
    return reasons_from(
        frozen,
        places,
        placement.id,
        run_id=run_id,
        input_root=run.certificate["statement"]["input_root"],
        policy=run.frozen.policy_version,
        excluded=placement.excluded,
    )


async def letter_of_draft(placement: Placement, work: AllocationWork) -> LetterContent:
    """The very letter that a signature by this actor would send. Raises WrongState without a draft, AddressMissing."""
    draft, hearing = placement.proceedings.draft, placement.hearing
    if draft is None or hearing is None:
        raise WrongState("Nothing is drafted yet, so there is no letter.", fix="Draft a decision first.")
    return decision_letter(
        await work.households.get(placement.id),
        draft,
        hearing,
        office=work.office,
        announced_on=placement.announced_on,
        community=placement.community,
        replaces=None if placement.decision is None else placement.decision.decided_on,
        signed_by=work.actor.name,
    )
