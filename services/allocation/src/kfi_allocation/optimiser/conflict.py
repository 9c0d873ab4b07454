"""Whether whole households fit at all, and if not, the smallest set of rules to relax.

A mixed integer program over groups of like households: fewest rules first, then fewest persons. That places suffice by
persons proves nothing, because households are indivisible.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from kfi_allocation.domain.instance import Household, Instance
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import Rule
from kfi_allocation.optimiser.linear import Columns, solver
from kfi_allocation.proof.model import Flags, Ints

NODES = 20_000


@dataclass(frozen=True)
class Feasibility:
    """A complete plan that keeps all rules, or the rules that stand against one; `proven` that fewer will not do."""

    place: Ints
    conflict: tuple[Rule, ...]
    proven: bool


@dataclass(frozen=True)
class Group:
    """Households of one size with the same towns; `open` without, `offered` with regard to their needs."""

    persons: int
    open: Flags
    offered: Flags
    households: list[int]


def feasibility(instance: Instance, orders: Orders | None = None) -> Feasibility:
    """A plan without regard to cost, or the smallest set of rules to relax."""
    groups = _groups(instance, orders or Orders())
    program = _Program(instance, groups)
    program.solve()
    return program.result()


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
            groups[key] = Group(home.persons, open_towns, offered, [])
        groups[key].households.append(number)
    return list(groups.values())


class _Program:
    """Columns: group g in town t (x), then persons above capacity (e) and whether any (b) per town."""

    def __init__(self, instance: Instance, groups: list[Group]) -> None:
        self.instance, self.groups = instance, groups
        self.towns = len(instance.municipalities)
        self.persons = instance.persons
        open_towns = np.array([group.open for group in groups])
        self.group, self.town = np.nonzero(open_towns)
        self.relaxed = ~np.array([group.offered for group in groups])[self.group, self.town]
        self.program = solver()
        self._rows()
        self._columns()

    def _rows(self) -> None:
        counts = np.array([len(group.households) for group in self.groups], np.float64)
        capacity = np.array([town.capacity for town in self.instance.municipalities], np.float64)
        low = np.concatenate((counts, np.full(2 * self.towns, -highspy.kHighsInf)))
        high = np.concatenate((counts, capacity, np.zeros(self.towns)))
        self.program.addRows(len(low), low, high, 0, [], [], [])

    def _columns(self) -> None:
        rule = float(self.persons + 1)
        groups, towns = len(self.groups), np.arange(self.towns)
        size = np.array([group.persons for group in self.groups])[self.group]
        cost = np.where(self.relaxed, rule + 1, 0.0)
        rows = np.stack((self.group, groups + self.town), 1)
        Columns.dense(cost, rows, np.stack((np.ones(len(size)), size), 1)).add_to(self.program)
        above = np.stack((groups + towns, groups + self.towns + towns), 1)
        Columns.dense(np.ones(self.towns), above, np.tile([-1.0, 1.0], (self.towns, 1))).add_to(self.program)
        whether = (groups + self.towns + towns)[:, None]
        most = np.full((self.towns, 1), -float(self.persons))
        Columns.dense(np.full(self.towns, rule), whether, most, np.ones(self.towns)).add_to(self.program)
        columns = np.arange(self.program.getNumCol(), dtype=np.int32)
        whole = np.full(len(columns), highspy.HighsVarType.kInteger)
        self.program.changeColsIntegrality(len(columns), columns, whole)

    def solve(self) -> None:
        self.program.setOptionValue("mip_max_nodes", NODES)
        self.program.setOptionValue("mip_rel_gap", 1e-4)
        self.program.run()
        value = np.rint(np.array(self.program.getSolution().col_value)).astype(np.int64)
        self.chosen = value[: len(self.group)]
        self.above = value[len(self.group) : len(self.group) + self.towns]

    def result(self) -> Feasibility:
        place = np.full(len(self.instance.households), -1, np.int64)
        waiting = [list(reversed(group.households)) for group in self.groups]
        without: list[tuple[int, int]] = []
        for x in np.nonzero(self.chosen)[0]:
            for _ in range(self.chosen[x]):
                number = waiting[self.group[x]].pop()
                place[number] = self.town[x]
                if self.relaxed[x]:
                    without.append((number, int(self.town[x])))
        rules = [self._need(number, town) for number, town in sorted(without)]
        rules += [self._capacity(int(t), place) for t in np.nonzero(self.above > 0)[0]]
        info = self.program.getInfo()
        proven = info.mip_dual_bound > info.objective_function_value - 1 + 1e-6
        return Feasibility(place, tuple(rules), proven)

    def _need(self, number: int, t: int) -> Rule:
        home, town = self.instance.households[number], self.instance.municipalities[t]
        missing = sorted(home.needs - town.offers)
        return Rule(
            f"needs {home.id}",
            len(missing),
            (home.id,),
            f"Household {home.id} would have to do without {', '.join(missing)}, for instance in {town.ags}.",
            "the household and its case officer",
        )

    def _capacity(self, t: int, place: Ints) -> Rule:
        town, by = self.instance.municipalities[t], int(self.above[t])
        there = [self.instance.households[h] for h in np.nonzero(place == t)[0]]
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
