"""Improves a plan part by part: a few towns are emptied and filled again as well as can be proven for them alone."""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.optimiser.master import Master
from kfi_allocation.proof.bounds import PRICE_UNITS, cheapest_sets
from kfi_allocation.proof.model import Floats, Ints, Model

MOST_HOUSEHOLDS = 110
MOST_TOWNS = 60
RELEASED = 12  # of one town
OTHERS = 8
ROUNDS = 25
NODES = 40


@dataclass(frozen=True)
class Part:
    """A model of some towns and some households of a greater one."""

    model: Model
    towns: Ints
    households: Ints
    kinds: Ints

    @classmethod
    def of(cls, whole: Model, place: Ints, towns: Ints, households: Ints) -> "Part":
        """The part where the households are free to move among the towns, and all others stay."""
        kinds, kind = np.unique(whole.kind[households], return_inverse=True)
        staying = place.copy()
        staying[households] = -1
        load = whole.loads(staying)[towns]
        most = whole.most[towns] - load
        tables = [
            whole.town_cost[whole.start[t] + s : whole.start[t] + whole.most[t] + 1]
            for t, s in zip(towns, load, strict=True)
        ]
        model = Model(
            size=whole.size[kinds],
            count=np.bincount(kind, minlength=len(kinds)).astype(np.int64),
            cost=np.ascontiguousarray(whole.cost[np.ix_(kinds, towns)]),
            most=most,
            start=np.concatenate(([0], np.cumsum(most + 1)))[:-1].astype(np.int64),
            town_cost=np.concatenate(tables),
            kind=kind.astype(np.int64),
        )
        return cls(model, towns, households, kinds)

    def filled(self, price: Floats, per_person: float, slack: float) -> Ints | None:
        """The towns of the households in the best plan found for the part, or None."""
        master = Master(self.model, price[self.kinds], per_person)
        master.converge(ROUNDS, 1e-5)
        chosen = master.whole(slack, NODES, -np.inf)
        return None if chosen is None else placed(self.model, chosen, self.towns)


def placed(model: Model, chosen: list[tuple[int, Ints, Ints]], towns: Ints) -> Ints:
    """The plan that gives each town its pattern; households of a class are taken in the file's order."""
    waiting = [list(np.nonzero(model.kind == k)[0][::-1]) for k in range(len(model.size))]
    place = np.full(len(model.kind), -1, np.int64)
    for town, kinds, numbers in sorted(chosen, key=lambda pattern: pattern[0]):
        for k, number in zip(kinds, numbers, strict=True):
            for _ in range(number):
                place[waiting[k].pop()] = towns[town]
    return place


class Neighbourhoods:
    """Chooses parts where the plan is furthest above what the prices allow, with a seeded generator."""

    def __init__(self, model: Model, price: Floats, reduced: Floats, unit: float, seed: int) -> None:
        self.model, self.price, self.unit = model, price, unit
        self.least = np.array(cheapest_sets(model, np.rint(price * PRICE_UNITS).astype(np.int64))) / PRICE_UNITS
        self.net = model.cost - price[:, None]
        self.reduced = reduced
        self.random = np.random.default_rng(seed)

    def improved(self, place: Ints) -> Ints:
        """The plan after one part was filled anew; the same plan when that did not help."""
        households = self._choice(place)
        towns = np.unique(place[households])
        part = Part.of(self.model, place, towns, households)
        now = part.model.units(np.searchsorted(towns, place[households]))
        filled = part.filled(self.price, self.unit, float(now))
        if filled is None or part.model.units(np.searchsorted(towns, filled)) > now:
            return place
        after = place.copy()
        after[households] = filled
        return after

    def above(self, place: Ints) -> Floats:
        """What each town's households cost above its cheapest set at the prices; the sum is plan minus bound."""
        homes = np.bincount(place, self.net[self.model.kind, place], self.model.towns)
        paid = homes + self.model.town_cost[self.model.start + self.model.loads(place)] - self.least
        above: Floats = np.maximum(paid, 0.0)
        return above

    def _choice(self, place: Ints) -> Ints:
        """Households of towns near one that is far above its best: the most flexible ones, as many as solve well."""
        above = self.above(place)
        weight = (above + above.sum() / (4 * len(above)) + 1e-9).cumsum()
        seed = int(np.searchsorted(weight, self.random.random() * weight[-1]))
        near = np.minimum(self.reduced[self.model.kind[place == seed]].min(axis=0, initial=np.inf), 1e15)
        order = np.argsort(near * self.random.uniform(0.2, 1.0, len(near)), kind="stable")
        others = np.searchsorted(weight, self.random.random(OTHERS) * weight[-1])
        number = np.minimum(np.bincount(place, minlength=self.model.towns), RELEASED)
        chosen, total = [seed], int(number[seed])
        for t in [*others, *order]:
            if t not in chosen and total + number[t] <= MOST_HOUSEHOLDS and len(chosen) < MOST_TOWNS:
                chosen.append(int(t))
                total += int(number[t])
        return np.sort(np.concatenate([self._released(place, t, chosen) for t in chosen]))

    def _released(self, place: Ints, town: int, chosen: list[int]) -> Ints:
        """The households of a town that can go to other chosen towns at the least reduced cost, with some chance."""
        there = np.nonzero(place == town)[0]
        others = np.array([t for t in chosen if t != town], np.int64)
        if len(there) <= RELEASED or not len(others):
            return there[:RELEASED]
        stiff = np.minimum(self.reduced[np.ix_(self.model.kind[there], others)].min(axis=1), 1e15) + self.unit
        return there[np.argsort(stiff * self.random.uniform(0.2, 1.0, len(there)), kind="stable")[:RELEASED]]
