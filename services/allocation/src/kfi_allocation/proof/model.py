"""An instance as arrays: like households in classes, costs in whole units, the town's cost as a table over persons."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Household, Instance, Municipality
from kfi_allocation.domain.orders import Orders

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NO_PLACE = 1 << 40  # the cost, in units, of a place a household may not have; above any real cost


@dataclass(frozen=True)
class Model:
    """Classes k of like households, towns t in the instance's order.

    `cost[k, t]` is the cost of one household of the class in the town, NO_PLACE where it may not go; `kind[h]` is the
    class of household h in the file's order. `town_cost[start[t] + s]` is the town's cost with s persons,
    s = 0..most[t]; no town can hold more than `most[t]`.
    """

    size: Ints
    count: Ints
    cost: Ints
    most: Ints
    start: Ints
    town_cost: Ints
    kind: Ints

    @property
    def towns(self) -> int:
        """How many towns there are."""
        return len(self.most)

    @property
    def steepest(self) -> int:
        """The most, in units, one person more or less can change the cost of a town."""
        steps = np.abs(np.diff(self.town_cost))
        inside = np.ones(len(steps), np.bool_)
        inside[self.start[1:] - 1] = False
        return int(steps[inside].max(initial=0))

    def units(self, place: Ints) -> int:
        """The exact cost, in units, of a complete plan: the town of each household."""
        homes = int(self.cost[self.kind, place].sum())
        return homes + int(self.town_cost[self.start + self.loads(place)].sum())

    def loads(self, place: Ints) -> Ints:
        """The persons in each town under a plan; a household without a place has the town -1."""
        placed = place >= 0
        return np.bincount(place[placed], self.size[self.kind[placed]], self.towns).astype(np.int64)


def build(instance: Instance, scale: Scale, orders: Orders | None = None) -> Model:
    """The model of an instance under the orders; same input, same model."""
    orders = orders or Orders()
    classes: dict[tuple[object, ...], int] = {}
    firsts: list[Household] = []
    kind = np.empty(len(instance.households), np.int64)
    for number, home in enumerate(instance.households):
        needs = None if home.must_join else home.needs
        special = (orders.fixed.get(home.id), orders.excluded.get(home.id), orders.kept.get(home.id))
        key = (home.persons, home.profile, needs, home.relatives_in, special)
        kind[number] = classes.setdefault(key, len(firsts))
        if kind[number] == len(firsts):
            firsts.append(home)
    most = np.array([min(town.capacity, instance.persons) for town in instance.municipalities], np.int64)
    return Model(
        size=np.array([home.persons for home in firsts], np.int64),
        count=np.bincount(kind, minlength=len(firsts)).astype(np.int64),
        cost=_Costs(instance, scale, orders).of(firsts),
        most=most,
        start=np.concatenate(([0], np.cumsum(most + 1)))[:-1].astype(np.int64),
        town_cost=_town_costs(instance, most, scale),
        kind=kind,
    )


def _town_costs(instance: Instance, most: Ints, scale: Scale) -> Ints:
    tables = []
    for town, limit in zip(instance.municipalities, most, strict=True):
        off = np.abs(100 * np.arange(limit + 1, dtype=np.int64) - int(town.target * 100))
        near = np.minimum(off, 100 * instance.policy.tolerance(town.target))
        tables.append(scale.off_target * near + scale.beyond_tolerance * (off - near))
    return np.concatenate(tables)


class _Costs:
    """The rows of the cost matrix; what many classes share is computed once."""

    def __init__(self, instance: Instance, scale: Scale, orders: Orders) -> None:
        self.towns: tuple[Municipality, ...] = instance.municipalities
        self.number = {town.ags: t for t, town in enumerate(self.towns)}
        self.district = np.array([town.district for town in self.towns])
        self.capacity = np.array([town.capacity for town in self.towns], np.int64)
        self.scale = scale
        self.orders = orders

    def of(self, firsts: list[Household]) -> Ints:
        """One row per class."""
        fits = {profile: self._fit(profile) for profile in {home.profile for home in firsts}}
        relatives = {ags: self._relatives(ags) for ags in {home.relatives_in for home in firsts}}
        closed = {needs: self._without(needs) for needs in {home.needs for home in firsts}}
        cost = np.empty((len(firsts), len(self.towns)), np.int64)
        for k, home in enumerate(firsts):
            row = cost[k]
            np.multiply(fits[home.profile] + relatives[home.relatives_in], home.persons, out=row)
            if home.id in self.orders.kept:
                np.add(row, self.orders.move_units, out=row)
                row[self.number[self.orders.kept[home.id]]] -= self.orders.move_units
            row[self.capacity < home.persons] = NO_PLACE
            row[self._not_allowed(home, closed[home.needs])] = NO_PLACE
        return cost

    def _fit(self, profile: str) -> Ints:
        return self.scale.fit * np.array([town.fit.get(profile, 0) for town in self.towns], np.int64)

    def _relatives(self, ags: str | None) -> Ints:
        if ags is None:
            return np.zeros(len(self.towns), np.int64)
        home = self.number[ags]
        near = self.district == self.district[home]
        row = np.where(near, self.scale.same_district, self.scale.relatives_missed).astype(np.int64)
        row[home] = 0
        return row

    def _without(self, needs: frozenset[str]) -> Flags:
        return np.array([not needs <= town.offers for town in self.towns], np.bool_)

    def _not_allowed(self, home: Household, without: Flags) -> Flags:
        closed = self._all_but(home.relatives_in) if home.must_join else without
        if home.id in self.orders.fixed:
            closed = self._all_but(self.orders.fixed[home.id])
        if home.id in self.orders.excluded:
            closed = closed | self._among(self.orders.excluded[home.id])
        return closed

    def _all_but(self, ags: str | None) -> Flags:
        return np.array([town.ags != ags for town in self.towns], np.bool_)

    def _among(self, excluded: Iterable[str]) -> Flags:
        return np.isin([town.ags for town in self.towns], list(excluded))
