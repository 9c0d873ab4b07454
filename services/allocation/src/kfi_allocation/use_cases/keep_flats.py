"""Flats are limited: when a plan is accepted they are reserved, and who gets none is noted by household and need."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from kfi_allocation.domain.flat_matching import FLAT_NEEDS, Seeker, matched
from kfi_allocation.domain.household import Household
from kfi_allocation.work import AllocationWork


async def keep_flats(
    run_id: UUID, assignments: Mapping[str, str], households: Sequence[Household], work: AllocationWork
) -> None:
    """Reserve flats for all who need one and hold none in their town; flats held in another town are given free."""
    towns = {household.id: assignments[str(household.id)] for household in households}
    held = await work.flats.held_by(towns.keys())
    for household, flat in held.items():
        if flat.ags != towns[household]:
            await work.flats.release(flat)
    staying = {household: flat.id for household, flat in held.items() if flat.ags == towns[household]}
    seekers = await _seekers([one for one in households if one.id not in staying], towns, work)
    free = await work.flats.free_in({seeker.ags for seeker in seekers})
    policy = await work.policies.in_force(work.calendar.today())
    found = matched(seekers, free, policy.large_home_persons)
    for household, flat in found.items():
        await work.flats.reserve(flat, household)
    missing = {
        seeker.household_id: " and ".join(sorted(seeker.needs))
        for seeker in seekers
        if seeker.household_id not in found
    }
    await work.flats.note(run_id, staying | {home: flat.id for home, flat in found.items()}, missing)


async def _seekers(
    households: Sequence[Household], towns: Mapping[UUID, str], work: AllocationWork
) -> Sequence[Seeker]:
    today = work.calendar.today()
    soonest = today + timedelta(days=(await work.policies.in_force(today)).lead_days)
    return [
        Seeker(one.id, towns[one.id], one.persons, one.needs & FLAT_NEEDS, one.arrival_on or soonest)
        for one in households
        if one.needs & FLAT_NEEDS
    ]
