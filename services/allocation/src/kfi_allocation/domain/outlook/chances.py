"""With which chance a household comes to a town: all that the rules leave open is held to be equally likely.

The model has one price for each town, the policy's own cost of one person more there: nothing is added while the town
stands at its target, `off_target` above it, `beyond_tolerance` above its tolerance, and whatever keeps it within its
capacity. A household comes to a town with a weight of exp((what a person saves there - the town's price) / spread),
and nowhere where its needs are not offered. Prices are settled in rounds until targets, tolerances and capacities are
met in expectation. The spread stands for what whole households and changes of the lists cost a plan, per person; it is
a share of `off_target`, chosen so that the ranges hold what they promise, and tested on synthetic years.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import exp, fsum, log
from typing import Final

from kfi_allocation.domain.outlook.expected import Expected, Ties, TownAhead, Weights

SPREAD: Final = Fraction(2, 5)
ROUNDS: Final = 60
LEAST: Final = 1e-12
STEEP: Final = 20
"""So many times the steepest price of the policy keeps a town within its capacity."""
Needs = frozenset[str]


class Chances:
    """The chance of households to come to towns, by their ties."""

    def __init__(self, households: Iterable[Expected], towns: Iterable[TownAhead], weights: Weights) -> None:
        self._towns = {town.ags: town for town in towns}
        self._off, self._beyond = float(weights.off_target), float(weights.beyond_tolerance)
        self._unit = float(SPREAD) * self._off or 1.0
        persons = _persons_by_ties(households)
        self._bound = {ties.bound_to: people for ties, people in persons.items() if ties.bound_to is not None}
        self._persons = {ties: people for ties, people in persons.items() if ties.bound_to is None}
        self._open = {needs: self._open_to(needs) for needs in {ties.needs for ties in self._persons}}
        self._pulls = {ties: self._pulls_of(ties) for ties in self._persons}
        self._settle()

    def of(self, ties: Ties, ags: str) -> float:
        """The chance that a household with these ties comes to the town, 0 to 1; 0 where no town is open to it."""
        if ties.bound_to is not None:
            return float(ties.bound_to == ags)
        if ags not in self._open[ties.needs] or self._whole[ties] <= LEAST:
            return 0.0
        return min(1.0, self._weight[ags] * self._pulls[ties].get(ags, 1.0) / self._whole[ties])

    def _open_to(self, needs: Needs) -> frozenset[str]:
        return frozenset(ags for ags, town in self._towns.items() if town.capacity > 0 and needs <= town.offers)

    def _pulls_of(self, ties: Ties) -> dict[str, float]:
        """By how much more a town weighs for them; 0 where it is excluded."""
        pulls = {ags: exp(float(saved) / self._unit) for ags, saved in ties.saves} | dict.fromkeys(ties.excluded, 0.0)
        return {ags: pull for ags, pull in pulls.items() if ags in self._open[ties.needs]}

    def _settle(self) -> None:
        prices = dict.fromkeys(self._towns, 0.0)
        self._weigh(prices)
        for _ in range(ROUNDS):
            loads = self._loads()
            prices = {ags: self._settled(ags, price, loads[ags]) for ags, price in prices.items()}
            self._weigh(prices)

    def _weigh(self, prices: Mapping[str, float]) -> None:
        """The weight of every town at its price, and for all ties the sum of the weights of all towns.

        Sums are of the exact kind: the order of the towns makes no difference.
        """
        self._weight = {ags: exp(-price / self._unit) for ags, price in prices.items()}
        sums = {needs: fsum(self._weight[ags] for ags in towns) for needs, towns in self._open.items()}
        self._whole = {
            ties: fsum([sums[ties.needs], *(self._weight[ags] * (pull - 1) for ags, pull in self._pulls[ties].items())])
            for ties in self._persons
        }

    def _loads(self) -> dict[str, float]:
        """The persons each town is given at these prices, in expectation."""
        plain: dict[Needs, list[float]] = {needs: [] for needs in self._open}
        pulled: dict[str, list[float]] = {ags: [] for ags in self._towns}
        for ties, people in self._persons.items():
            if self._whole[ties] > LEAST:
                share = people / self._whole[ties]
                plain[ties.needs].append(share)
                for ags, pull in self._pulls[ties].items():
                    pulled[ags].append((pull - 1) * share)
        sums = {needs: fsum(shares) for needs, shares in plain.items()}
        return {
            ags: weight * fsum([*pulled[ags], *(share for needs, share in sums.items() if ags in self._open[needs])])
            for ags, weight in self._weight.items()
        }

    def _settled(self, ags: str, price: float, load: float) -> float:
        """The price that brings the town to a level, within what the policy lets a person cost up to that level."""
        town = self._towns[ags]
        settled = -self._beyond
        for level, dearest in (
            (town.target - town.tolerance, -self._off),
            (town.target, self._off),
            (town.target + town.tolerance, self._beyond),
            (town.capacity, STEEP * self._beyond),
        ):
            room = max(float(level) - self._bound.get(ags, 0), LEAST)
            settled = max(settled, min(price + self._unit * log(max(load, LEAST) / room), dearest))
        return settled


def _persons_by_ties(households: Iterable[Expected]) -> dict[Ties, int]:
    found: dict[Ties, int] = {}
    for home in households:
        found[home.ties] = found.get(home.ties, 0) + home.figures.persons
    return found
