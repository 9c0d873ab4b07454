"""Whether whole households fit at all, and if not, the smallest set of rules to relax, in plain words.

That places suffice by persons proves nothing, because households are indivisible.
"""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.domain.instance import Household, Instance
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import Rule
from kfi_allocation.optimiser.relaxation import NODES, Group, Program, Relaxation
from kfi_allocation.proof.model import Ints


@dataclass(frozen=True)
class Feasibility:
    """A complete plan that keeps all rules, or the rules that stand against one; `fewest` must go at least."""

    place: Ints
    conflict: tuple[Rule, ...]
    fewest: int

    @property
    def proven(self) -> bool:
        """Whether no smaller set of rules will do. Without the proof, the set is the best one found."""
        return len(self.conflict) <= self.fewest


def feasibility(instance: Instance, orders: Orders | None = None, nodes: int = NODES) -> Feasibility:
    """A plan without regard to cost, or the smallest set of rules to relax that was found within the nodes."""
    if not instance.households:
        return Feasibility(np.empty(0, np.int64), (), 0)
    groups = _groups(instance, orders or Orders())
    capacity = np.array([town.capacity for town in instance.municipalities], np.int64)
    return _told(instance, groups, Program(groups, capacity, instance.persons).solved(nodes))


def _groups(instance: Instance, orders: Orders) -> list[Group]:
    ags = [town.ags for town in instance.municipalities]
    groups: dict[tuple[object, ...], Group] = {}
    for number, home in enumerate(instance.households):
        bound_to = orders.fixed.get(home.id) or (home.relatives_in if home.must_join else None)
        excluded = orders.excluded.get(home.id, frozenset())
        needs = frozenset() if bound_to else home.needs
        key = (home.persons, bound_to, needs, excluded)
        if key not in groups:
            open_towns = np.array([(bound_to in (None, a)) and a not in excluded for a in ags], np.bool_)
            offered = np.array([needs <= town.offers for town in instance.municipalities], np.bool_)
            groups[key] = Group(home.persons, open_towns, offered, bool(needs) and not excluded, [])
        groups[key].households.append(number)
    return list(groups.values())


def _told(instance: Instance, groups: list[Group], found: Relaxation) -> Feasibility:
    place = np.full(len(instance.households), -1, np.int64)
    rules: list[tuple[int, Rule]] = []
    for g, group in enumerate(groups):
        waiting = iter(group.households)
        for t in np.nonzero(found.with_needs[g])[0]:
            for _ in range(found.with_needs[g, t]):
                place[next(waiting)] = t
        for t in np.nonzero(found.without[g])[0]:
            for _ in range(found.without[g, t]):
                number = next(waiting)
                place[number] = t
                rules.append((number, _need(instance, number, int(t))))
    needs = [rule for _, rule in sorted(rules, key=lambda numbered: numbered[0])]
    persons = np.array([home.persons for home in instance.households], np.int64)
    load = np.bincount(place, persons, len(instance.municipalities)).astype(np.int64)
    above = [(t, int(load[t]) - town.capacity) for t, town in enumerate(instance.municipalities)]
    capacities = [_capacity(instance, t, by, place) for t, by in above if by > 0]
    return Feasibility(place, (*needs, *capacities), found.fewest)


def _need(instance: Instance, number: int, t: int) -> Rule:
    home, town = instance.households[number], instance.municipalities[t]
    missing = sorted(home.needs - town.offers)
    return Rule(
        f"needs {home.id}",
        len(missing),
        (home.id,),
        f"Household {home.id} would have to do without {', '.join(missing)}, for instance in {town.ags}.",
        "the household and its case officer",
    )


def _capacity(instance: Instance, t: int, by: int, place: Ints) -> Rule:
    town = instance.municipalities[t]
    there = [instance.households[h] for h in np.nonzero(place == t)[0]]
    named = [home for home in there if home.must_join] or there
    words = _words(town.ags, town.capacity, by, named)
    return Rule(f"capacity {town.ags}", by, tuple(home.id for home in named), words, _who(town.capacity))


def _words(ags: str, capacity: int, by: int, homes: list[Household]) -> str:
    joining = sum(home.persons for home in homes if home.must_join)
    reason = f" {joining} persons must join their core family there." if joining else ""
    if capacity == 0:
        return f"Town {ags} has a reception stop; it would have to take {by} persons.{reason}"
    return f"Town {ags} would have to take {by} persons more than its {capacity} places.{reason}"


def _who(capacity: int) -> str:
    return "the district government that granted the stop" if capacity == 0 else "the municipality"
