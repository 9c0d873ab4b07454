"""A town offers a flat, corrects or withdraws it; it is kept for a household, and that one moves in."""

from collections.abc import Callable
from uuid import UUID, uuid4

from kfi_allocation.domain.refusals import OfferNotFree
from kfi_allocation.domain.towns.flat import Flat, Size
from kfi_allocation.work import AllocationWork


async def offer_flat(ags: str, size: Size, work: AllocationWork) -> UUID:
    """The flat counts from the day on which it is free."""
    flat = Flat.offer(uuid4(), ags, size, work.calendar.today())
    await work.towns.flats.add(flat, flat.steps.pop())
    return flat.id


async def reserve_flat(ags: str, flat_id: UUID, household_id: UUID, seen_version: int, work: AllocationWork) -> Flat:
    """It is kept for a household whose town this is. Raises UnknownStatement, UnknownPlacement, OfferNotFree."""
    placement = await work.placements.get(household_id, ags=ags)
    flat = await work.towns.flat(flat_id, ags, seen_version=seen_version)
    if flat.size.persons < placement.persons:
        raise OfferNotFree(
            f"The flat is for {flat.size.persons} persons, the household has {placement.persons}.",
            fix="Reserve a larger one.", field="household_id",
        )  # fmt: skip
    flat.reserve(household_id)
    await work.towns.save_flat(flat)
    return flat


async def change_flat(
    ags: str, flat_id: UUID, change: Callable[[Flat], None], seen_version: int, work: AllocationWork
) -> Flat:
    """Correct, release, withdraw it, or note that the household lives there. Raises UnknownStatement, OfferNotFree."""
    flat = await work.towns.flat(flat_id, ags, seen_version=seen_version)
    change(flat)
    await work.towns.save_flat(flat)
    return flat
