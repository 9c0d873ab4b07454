"""An accepted run is repaired: its households as they are placed now, and what changed around them since."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kfi_allocation.domain.flat_matching import FLAT_NEEDS
from kfi_allocation.domain.overriding import Override, merged
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.placement_states import SETTLED, UNDER_WAY
from kfi_allocation.domain.repairing import Placed, TownNow, repair_of
from kfi_allocation.domain.run import Cause, Run
from kfi_allocation.domain.run_errors import NotOfThisRun, NotYetAccepted
from kfi_allocation.domain.run_states import RunState
from kfi_allocation.use_cases.circumstances import orders_of, waiting
from kfi_allocation.use_cases.freeze_run import Origin, store_run
from kfi_allocation.use_cases.override_run import NamedTown
from kfi_allocation.use_cases.read_run import frozen_input
from kfi_allocation.work import AllocationWork

TO_COME: Final = frozenset({*UNDER_WAY, *SETTLED})


@dataclass(frozen=True)
class RepairRun:
    """Why a run is repaired; `released` are settled households that may move, `named` get the town people say."""

    run_id: UUID
    causes: tuple[Cause, ...]
    released: frozenset[UUID]
    named: tuple[NamedTown, ...]


async def repair_run(command: RepairRun, work: AllocationWork) -> UUID:
    """Freeze the repair of an accepted run. Raises UnknownRun, NotYetAccepted, NotOfThisRun, InputNotPlannable."""
    run, accepted = await frozen_input(command.run_id, work)
    _must_be_accepted(run)
    placements = await _to_come(run, work)
    known = {placement.id for placement in placements}
    foreign = sorted({*command.released, *(one.household_id for one in command.named)} - known)
    if foreign:
        raise NotOfThisRun(foreign[0])
    by = work.actor.person
    overrides = merged(
        [], [Override(one.household_id, one.ags, one.reason, one.explanation, by) for one in command.named]
    )
    today = work.calendar.today()
    situation = await work.towns.situation(today)
    given = repair_of(
        accepted,
        await _placed(placements, work),
        {ags: TownNow(now.capacity_left, now.stopped, now.offers) for ags, now in situation.items()},
        on=today,
        fit=(await work.policies.get(run.frozen.policy_version)).policy.fit,
        orders=await orders_of(known, {one.household_id: one.ags for one in overrides}, work),
        released={str(household) for household in command.released},
    )
    repair_id = await store_run(given, Origin(repairs=run.id, causes=command.causes), work)
    await work.overrides.add(repair_id, overrides)
    return repair_id


def _must_be_accepted(run: Run) -> None:
    if run.state is not RunState.ACCEPTED:
        raise NotYetAccepted(
            f"The run is {run.state.value}.", fix="Repair the run that was accepted last for these households."
        )


async def _to_come(run: Run, work: AllocationWork) -> Sequence[Placement]:
    """Those of the run that were placed and have not arrived; who was cancelled or lives there is no part of it."""
    found = await work.placements.many(await work.runs.households(run.id))
    return [placement for placement in found if placement.state in TO_COME]


async def _placed(placements: Sequence[Placement], work: AllocationWork) -> list[Placed]:
    ids = [placement.id for placement in placements]
    homes = {household.id: waiting(household) for household in await work.households.many(ids)}
    flats = await work.flats.held_by(ids)
    return [
        Placed(
            homes[one.id],
            one.ags,
            settled=one.state in SETTLED,
            flat_for=frozenset(homes[one.id].needs & FLAT_NEEDS) if one.id in flats else frozenset(),
        )
        for one in placements
        if one.ags is not None
    ]
