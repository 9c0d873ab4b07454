"""Which rules to relax so that whole households fit: fewest rules first, then fewest persons above a capacity.

A mixed integer program over groups of like households. Its work is counted in nodes; it starts from a set of rules
that is always found, so that the end of the work never leaves it without one.
"""

from dataclasses import dataclass
from math import ceil

import highspy
import numpy as np

from kfi_allocation.optimiser.linear import Columns, solver
from kfi_allocation.proof.model import Flags, Floats, Ints

NODES = 100


@dataclass(frozen=True)
class Group:
    """Households of one size with the same towns; `open` without, `offered` with regard to their needs.

    `anywhere`: without its needs each household could live in every town, so that it is planned with its like.
    """

    persons: int
    open: Flags
    offered: Flags
    anywhere: bool
    households: list[int]


@dataclass(frozen=True)
class Relaxation:
    """How many of group g go to town t: `with_needs` offered there, `without` not.

    `fewest`: so many rules must be relaxed at least, as far as the work went.
    """

    with_needs: Ints
    without: Ints
    fewest: int


class Program:
    """Columns: group in town, group to the pool of its size, pool in town, persons above capacity, whether any."""

    def __init__(self, groups: list[Group], capacity: Ints, persons: int) -> None:
        self.groups, self.capacity, self.persons = groups, capacity, persons
        self.towns = len(capacity)
        homes = sum(len(group.households) for group in groups)
        self.rule = float(persons + homes + self.towns + 1)  # more than all persons above and all ties together
        self.pooled = np.array([g for g, group in enumerate(groups) if group.anywhere], np.int64)
        self.sizes = np.unique([groups[g].persons for g in self.pooled]).astype(np.int64)
        known = np.array([group.open & (group.offered | (not group.anywhere)) for group in groups])
        self.group, self.town = np.nonzero(known)
        self.relaxed = ~np.array([group.offered for group in groups])[self.group, self.town]
        self.program = solver()
        self._rows()
        self._columns()

    def _rows(self) -> None:
        counts = np.array([len(group.households) for group in self.groups], np.float64)
        pools, free = np.zeros(len(self.sizes)), np.full(2 * self.towns, -highspy.kHighsInf)
        low = np.concatenate((counts, pools, free))
        high = np.concatenate((counts, pools, self.capacity.astype(np.float64), np.zeros(self.towns)))
        self.program.addRows(len(low), low, high, 0, [], [], [])

    def _columns(self) -> None:
        groups, pools, towns = len(self.groups), len(self.sizes), np.arange(self.towns)
        place, limit = groups + pools, groups + pools + self.towns
        size = np.array([group.persons for group in self.groups])
        self._add(
            np.where(self.relaxed, self.rule + 1, 0.0), np.stack((self.group, place + self.town), 1),
            np.stack((np.ones(len(self.group)), size[self.group]), 1),
        )  # fmt: skip
        pool = groups + np.searchsorted(self.sizes, size[self.pooled])
        self._add(
            np.full(len(self.pooled), self.rule + 1), np.stack((self.pooled, pool), 1),
            np.tile([1.0, -1.0], (len(self.pooled), 1)),
        )  # fmt: skip
        kind, there = np.repeat(np.arange(pools), self.towns), np.tile(towns, pools)
        self._add(
            np.zeros(len(kind)), np.stack((groups + kind, place + there), 1),
            np.stack((np.ones(len(kind)), self.sizes[kind]), 1),
        )  # fmt: skip
        above = np.stack((place + towns, limit + towns), 1)
        self._add(np.ones(self.towns), above, np.tile([-1.0, 1.0], (self.towns, 1)))
        most = np.full((self.towns, 1), -float(self.persons))
        self._add(np.full(self.towns, self.rule), (limit + towns)[:, None], most, np.ones(self.towns))
        columns = np.arange(self.program.getNumCol(), dtype=np.int32)
        whole = np.full(len(columns), highspy.HighsVarType.kInteger)
        self.program.changeColsIntegrality(len(columns), columns, whole)

    def _add(self, cost: Floats, rows: Ints, values: Floats, most: Floats | None = None) -> None:
        Columns.dense(cost, rows, values, most).add_to(self.program)

    def solved(self, nodes: int = NODES) -> Relaxation:
        """The best set of rules within the nodes."""
        start = self._always_found()
        begin = highspy.HighsSolution()
        begin.col_value = [float(value) for value in start]
        self.program.setSolution(begin)
        self.program.setOptionValue("mip_max_nodes", nodes)
        self.program.setOptionValue("mip_rel_gap", 1e-4)
        self.program.run()
        info = self.program.getInfo()
        value = start
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            value = np.rint(np.array(self.program.getSolution().col_value)).astype(np.int64)
        return self._relaxation(value, self._fewest(info.mip_dual_bound))

    def _fewest(self, bound: float) -> int:
        """Rules every solution relaxes: one costs at most rule + 1, persons above capacities at most all persons."""
        if not np.isfinite(bound) or bound <= 1e-6:
            return 0
        return max(1, ceil((bound - self.persons - 1e-6) / (self.rule + 1)))

    def _always_found(self) -> Ints:
        """Households where they fit, town by town; the rest in the town that takes most of the rest, and so on."""
        left = np.array([len(group.households) for group in self.groups], np.int64)
        size = np.array([group.persons for group in self.groups], np.int64)
        load = np.zeros(self.towns, np.int64)
        chosen = np.zeros(len(self.group), np.int64)
        offered = np.nonzero(~self.relaxed)[0]
        few = np.bincount(self.group[offered], minlength=len(self.groups))
        for x in offered[np.lexsort((offered, -size[self.group[offered]], few[self.group[offered]]))]:
            g, t = self.group[x], self.town[x]
            taken = min(left[g], max(0, (self.capacity[t] - load[t]) // size[g]))
            chosen[x], left[g], load[t] = taken, left[g] - taken, load[t] + taken * size[g]
        while (waiting := offered[left[self.group[offered]] > 0]).size:
            rest = np.bincount(self.town[waiting], left[self.group[waiting]], self.towns)
            best = int(np.argmax(rest))
            for x in waiting[self.town[waiting] == best]:
                g = self.group[x]
                chosen[x], load[best], left[g] = chosen[x] + left[g], load[best] + left[g] * size[g], 0
        return self._with_the_rest(chosen, left, load)

    def _with_the_rest(self, chosen: Ints, left: Ints, load: Ints) -> Ints:
        """Completes a choice by the households whose needs no open town offers: each goes to the emptiest town."""
        pooled = np.zeros((len(self.sizes), self.towns), np.int64)
        for x in np.nonzero(self.relaxed)[0]:
            g, t = self.group[x], self.town[x]
            chosen[x], load[t], left[g] = chosen[x] + left[g], load[t] + left[g] * self.groups[g].persons, 0
        to_pool = left[self.pooled]
        for g, number in zip(self.pooled, to_pool, strict=True):
            for _ in range(number):
                t, w = int(np.argmax(self.capacity - load)), self.groups[g].persons
                pooled[np.searchsorted(self.sizes, w), t] += 1
                load[t] += w
        above = np.maximum(load - self.capacity, 0)
        return np.concatenate((chosen, to_pool, pooled.ravel(), above, above > 0)).astype(np.int64)

    def _relaxation(self, value: Ints, fewest: int) -> Relaxation:
        with_needs = np.zeros((len(self.groups), self.towns), np.int64)
        without = np.zeros_like(with_needs)
        chosen = value[: len(self.group)]
        table = np.where(self.relaxed, 1, 0)
        np.add.at(with_needs, (self.group, self.town), chosen * (1 - table))
        np.add.at(without, (self.group, self.town), chosen * table)
        to_pool = value[len(self.group) : len(self.group) + len(self.pooled)]
        begin = len(self.group) + len(self.pooled)
        pooled = value[begin : begin + len(self.sizes) * self.towns].reshape(len(self.sizes), self.towns).copy()
        for g, number in zip(self.pooled, to_pool, strict=True):
            row = pooled[np.searchsorted(self.sizes, self.groups[g].persons)]
            for _ in range(number):
                # A town that offers all the needs would not have been a town to do without them.
                open_there = np.nonzero((row > 0) & ~self.groups[g].offered)[0]
                t = int(open_there[0]) if len(open_there) else int(np.nonzero(row > 0)[0][0])
                row[t] -= 1
                (with_needs if self.groups[g].offered[t] else without)[g, t] += 1
        return Relaxation(with_needs, without, fewest)
