"""The outlook is made from what a run would freeze on the day: the same targets, places, offers and orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kfi_allocation.domain.fitting import Profile
from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting, bound_to, places_of
from kfi_allocation.domain.outlook.expected import BARRIER_FREE, Expected, Figures, Savings, Ties, TownAhead, Weights

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a run need not know of a household, and a town wants to."""

    school_children: int
    arrival_on: date | None


def figures_of(persons: int, needs: Iterable[str], school_children: int) -> Figures:
    """What a household adds to the figures of its town."""
    return Figures(1, persons, school_children, int(BARRIER_FREE in needs))


def expected_of(given: Circumstances, arriving: Mapping[str, Arriving]) -> list[Expected]:
    """The households that wait, in their order, as the outlook sees them; `arriving` is by their ids."""
    saved: dict[tuple[str | None, Profile], Savings] = {}
    found = []
    for home in given.households:
        alike = home.relatives_in, home.profile
        if alike not in saved:
            saved[alike] = _savings(home, given)
        figures = figures_of(home.persons, home.needs, arriving[home.id].school_children)
        found.append(Expected(figures, _ties_of(home, saved[alike], given), arriving[home.id].arrival_on))
    return found


def towns_of(given: Circumstances) -> list[TownAhead]:
    """The towns as the next plan sees them. A closed one is open to those alone who are bound to it."""
    return [_town_of(town, given) for town in sorted(given.towns, key=lambda town: town.ags)]


def weights_of(given: Circumstances) -> Weights:
    """What the policy lets a person off target cost."""
    return Weights(Fraction(given.weights.off_target), Fraction(given.weights.beyond_tolerance))


def _town_of(town: TownFacts, given: Circumstances) -> TownAhead:
    target = Decimal(town.target_hundredths) / HUNDRED
    capacity = 0 if town.closed else places_of(town, given)
    return TownAhead(town.ags, Fraction(target), given.weights.tolerance(target), capacity, town.offers)


def _ties_of(home: Waiting, saves: Savings, given: Circumstances) -> Ties:
    bound = bound_to(home, given.orders)
    if bound is not None:
        return Ties(bound_to=bound)
    return Ties(home.needs, saves, None, given.orders.excluded.get(home.id, frozenset()))


def _savings(home: Waiting, given: Circumstances) -> Savings:
    """What a person costs less in a town than where there are neither relatives nor anything wished for or spoken."""
    most = _cost(home, "", frozenset(), given)
    costs = {town.ags: _cost(home, town.ags, town.offers, given) for town in given.towns}
    return frozenset((ags, most - cost) for ags, cost in costs.items() if cost < most)


def _cost(home: Waiting, ags: str, offers: frozenset[str], given: Circumstances) -> Fraction:
    fit = Fraction(given.fit.fit(home.profile, ags, offers))
    if home.relatives_in is None or ags == home.relatives_in:
        return fit
    near = ags[:5] == home.relatives_in[:5]
    return fit + Fraction(given.weights.same_district if near else given.weights.relatives_missed)
