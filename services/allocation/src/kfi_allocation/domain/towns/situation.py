"""The reception situation of a town on a day (§ 16 (2) Nr. 1 TIntG), of what it said and of who is to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kfi_allocation.domain.policy import AllocationPolicy
from kfi_allocation.domain.towns.capacity import Capacity, capacity_on
from kfi_allocation.domain.towns.care import CareOffer
from kfi_allocation.domain.towns.flat import Flat, FlatState
from kfi_allocation.domain.towns.stop import Stop

ACCESSIBLE: Final = "accessible"
LARGE_HOME: Final = "large_home"


@dataclass(frozen=True, slots=True)
class TownSituation:
    """Persons it can still take, whether reception is stopped, and what it offers."""

    capacity_left: int
    stopped: bool
    offers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Coming:
    """A household that was placed in a town on a day; `arrived`: it lives there."""

    placed_on: date
    persons: int
    arrived: bool


@dataclass(frozen=True)
class Said:
    """What a town said, and who was placed there."""

    capacities: tuple[Capacity, ...] = ()
    stops: tuple[Stop, ...] = ()
    flats: tuple[Flat, ...] = ()
    care: tuple[CareOffer, ...] = ()
    coming: tuple[Coming, ...] = ()


def situation_of(said: Said, on: date, policy: AllocationPolicy) -> TownSituation:
    """The situation on a day.

    A stated capacity is used up by all who were placed since it was stated; the policy's own, of a town that stated
    none, by those who are still to come.
    """
    return TownSituation(
        capacity_left=_left(said, on, policy.unstated_capacity),
        stopped=any(stop.counts_on(on) for stop in said.stops),
        offers=offers_on(said.flats, said.care, on, policy),
    )


def offers_on(flats: Iterable[Flat], care: Iterable[CareOffer], on: date, policy: AllocationPolicy) -> frozenset[str]:
    """The words of what a town offers; a flat counts when a household placed that day finds it free at its arrival."""
    last = on + timedelta(days=policy.lead_days)
    free = [flat.size for flat in flats if flat.state is FlatState.FREE and flat.size.free_from <= last]
    words = {offer.offers for offer in care if offer.holds_on(on)}
    if any(size.barrier_free for size in free):
        words.add(ACCESSIBLE)
    if any(size.persons >= policy.large_home_persons for size in free):
        words.add(LARGE_HOME)
    return frozenset(words)


def _left(said: Said, on: date, unstated: int) -> int:
    stated = capacity_on(said.capacities, on)
    if stated is None:
        return max(0, unstated - sum(one.persons for one in said.coming if not one.arrived))
    return max(0, stated.persons - sum(one.persons for one in said.coming if one.placed_on >= stated.stated_on))
