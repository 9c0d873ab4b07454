"""The peer of min-cost flow: persons flow from pools of like households to towns (OR-Tools), then whole households.

A pool with relatives reaches its towns of kin directly and all others through the hub of its kind, so that the network
stays small at any size; this changes no cost.
"""

from collections import defaultdict

import numpy as np
from ortools.graph.python import min_cost_flow

from benchmarks.allocation_greedy import completed, named
from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Household, Instance
from kfi_allocation.proof.model import NO_PLACE, Ints, Model, build

Pool = tuple[str, frozenset[str], str | None, bool]


class _Network:
    """Nodes: pools, hubs, towns, one sink. Costs are units per person, moved up so that none is below zero."""

    def __init__(self, instance: Instance, model: Model, scale: Scale) -> None:
        self.instance, self.model, self.scale = instance, model, scale
        self.flow = min_cost_flow.SimpleMinCostFlow()
        self.number = {town.ags: t for t, town in enumerate(instance.municipalities)}
        self.node: dict[object, int] = {t: t for t in range(model.towns)}
        self.members: dict[Pool, list[int]] = defaultdict(list)
        for h, home in enumerate(instance.households):
            self.members[_pool(home)].append(h)
        self.arcs: list[tuple[object, int, int]] = []  # from, to the town, the arc's number

    def solved(self) -> dict[tuple[object, int], int]:
        """Persons by pool or hub and town."""
        sink = self._at("sink")
        self._towns(sink)
        for pool, members in self.members.items():
            self._pool(pool, sum(self.instance.households[h].persons for h in members))
        self.flow.set_node_supply(sink, -self.instance.persons)
        if self.flow.solve() != self.flow.OPTIMAL:
            return {}
        return {(origin, t): n for origin, t, arc in self.arcs if (n := self.flow.flow(arc))}

    def _at(self, name: object) -> int:
        return self.node.setdefault(name, len(self.node))

    def _towns(self, sink: int) -> None:
        model = self.model
        for t in range(model.towns):
            table = model.town_cost[model.start[t] : model.start[t] + model.most[t] + 1]
            steps, lengths = np.unique(np.diff(table), return_counts=True)
            for step, length in zip(steps, lengths, strict=True):
                self.flow.add_arc_with_capacity_and_unit_cost(t, sink, int(length), int(step) + model.steepest)

    def _pool(self, pool: Pool, persons: int) -> None:
        profile, needs, kin, bound = pool
        here = self._at(pool)
        self.flow.set_node_supply(here, persons)
        if bound and kin is not None:
            self._arc(pool, profile, self.number[kin], 0, persons)
            return
        hub = ("hub", profile, needs)
        new = hub not in self.node
        there = self._at(hub)
        self.flow.add_arc_with_capacity_and_unit_cost(here, there, persons, self.scale.relatives_missed if kin else 0)
        if kin is not None:
            district = self.instance.municipalities[self.number[kin]].district
            for t, town in enumerate(self.instance.municipalities):
                if town.district == district and needs <= town.offers:
                    self._arc(pool, profile, t, 0 if town.ags == kin else self.scale.same_district, persons)
        if new:
            for t, town in enumerate(self.instance.municipalities):
                if needs <= town.offers:
                    self._arc(hub, profile, t, 0, self.instance.persons)

    def _arc(self, origin: object, profile: str, t: int, kin: int, persons: int) -> None:
        cost = self.scale.fit * self.instance.municipalities[t].fit.get(profile, 0) + kin
        arc = self.flow.add_arc_with_capacity_and_unit_cost(self.node[origin], t, persons, cost)
        self.arcs.append((origin, t, arc))


def placed(instance: Instance) -> dict[str, str]:
    """Town by household: large households first, each where most of its pool's flow is left; the rest greedily."""
    scale = Scale.of(instance.policy)
    model = build(instance, scale)
    network = _Network(instance, model, scale)
    left: dict[object, dict[int, int]] = defaultdict(dict)
    for (origin, t), persons in network.solved().items():
        left[origin][t] = persons
    place = np.full(len(model.kind), -1, np.int64)
    load = np.zeros(model.towns, np.int64)
    order = sorted(range(len(place)), key=lambda h: (-instance.households[h].persons, h))
    for h in order:
        _settle(h, instance.households[h], model, left, place, load)
    completed(model, place, None)
    return named(instance, place)


def _settle(h: int, home: Household, model: Model, left: dict[object, dict[int, int]], place: Ints, load: Ints) -> None:
    pool = _pool(home)
    for origin in (pool, ("hub", pool[0], pool[1])):
        if not left.get(origin):
            continue
        t = max(left[origin], key=lambda town: (left[origin][town], -town))
        fits = load[t] + home.persons <= model.most[t] and model.cost[model.kind[h], t] < NO_PLACE
        if fits and left[origin][t] >= home.persons:
            left[origin][t] -= home.persons
            load[t] += home.persons
            place[h] = t
            return


def _pool(home: Household) -> Pool:
    return (home.profile, frozenset() if home.must_join else home.needs, home.relatives_in, home.must_join)
