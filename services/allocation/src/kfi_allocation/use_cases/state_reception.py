"""A town says how many it can take, and which care it has."""

from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.towns.capacity import Capacity
from kfi_allocation.domain.towns.care import CareOffer
from kfi_allocation.work import AllocationWork


async def state_capacity(
    ags: str, persons: int, *, valid_from: date, valid_until: date | None, work: AllocationWork
) -> UUID:
    """The town's next statement. Raises DateNotPossible for one that would be over already, or end before it begins."""
    today = work.calendar.today()
    if valid_until is not None and valid_until < today:
        raise DateNotPossible("It would be over already.", fix="Correct the days.", field="valid_until")
    number = await work.towns.next_capacity(ags)
    stated = Capacity(uuid4(), ags, number, persons, valid_from, valid_until, today, work.actor.person)
    await work.towns.capacities.add(stated, "state")
    return stated.id


async def offer_care(ags: str, offers: str, *, first_day: date, last_day: date | None, work: AllocationWork) -> UUID:
    """The town has this care or advice. Raises DateNotPossible."""
    offer = CareOffer(uuid4(), ags, offers, first_day, last_day, work.calendar.today())
    await work.towns.care.add(offer, "state")
    return offer.id


async def withdraw_care(ags: str, offer_id: UUID, seen_version: int, work: AllocationWork) -> CareOffer:
    """It is lost from today on. Raises UnknownStatement, SettledAlready."""
    offer = await work.towns.care.get(offer_id, ags, seen_version=seen_version)
    offer.withdraw(work.calendar.today())
    await work.towns.care.save(offer, "withdrawal")
    return offer
