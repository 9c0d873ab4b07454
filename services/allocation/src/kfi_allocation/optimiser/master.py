"""Chooses one pattern per town so that each household is placed once; prices and patterns improve one another.

Column generation with a moving box around the best prices (du Merle et al. 1999): without the box the prices swing for
hundreds of rounds, with it a few dozen suffice.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass

import highspy
import numpy as np

from kfi_allocation.optimiser.linear import Columns, solver
from kfi_allocation.optimiser.patterns import Patterns, cheapest
from kfi_allocation.proof.model import Floats, Ints, Model

PER_TOWN = 3
WIDEST = 200.0
NARROWEST = 0.5
CLOSE = 5e-4


@dataclass
class Box:
    """How far, in units per person, the prices may go from the best ones."""

    width: float

    def after(self, *, better: bool, gap: float) -> None:
        """Narrow the box after a bad step, widen it when the model agrees with the truth inside."""
        if not better:
            self.width = max(self.width * 0.6, NARROWEST)
        elif gap <= CLOSE:
            self.width = min(self.width * 2, WIDEST)


class Master:
    """The restricted problem over the patterns known so far, its best prices and the bound they prove."""

    def __init__(self, model: Model, price: Floats, per_person: float) -> None:
        self.model = model
        self.price, self.bound, self.top = price, -np.inf, np.inf
        self.box = Box(20.0 * per_person)
        self.rounds = 0
        self.known: list[Patterns] = []
        self.begins: list[int] = []
        self.kinds = len(model.size)
        self.program = solver()
        placed = np.concatenate((model.count, np.ones(model.towns))).astype(np.float64)
        self.program.addRows(len(placed), placed, placed, 0, [], [], [])
        kinds = np.arange(self.kinds)[:, None]
        for sign in (1.0, -1.0):
            Columns.dense(np.zeros(self.kinds), kinds, np.full(kinds.shape, sign)).add_to(self.program)
        empty = Patterns(
            np.arange(model.towns), model.town_cost[model.start], np.zeros(model.towns + 1, np.int64),
            np.empty(0, np.int64), np.empty(0, np.int64),
        )  # fmt: skip
        self.add(empty)

    def add(self, patterns: Patterns) -> None:
        """Let towns choose more patterns."""
        self.begins.append(self.begins[-1] + len(self.known[-1].town) if self.known else 0)
        self.known.append(patterns)
        count = len(patterns.town)
        begin = patterns.begin[:-1] + np.arange(count)
        last = patterns.begin[1:] + np.arange(count)
        rows = np.empty(len(patterns.kind) + count, np.int64)
        values = np.ones(len(rows))
        inner = np.ones(len(rows), np.bool_)
        inner[last] = False
        rows[inner], values[inner] = patterns.kind, patterns.number
        rows[last] = self.kinds + patterns.town
        limit = np.full(count, highspy.kHighsInf)
        Columns(patterns.cost.astype(np.float64), limit, begin, rows, values).add_to(self.program)

    def converge(self, rounds: int, tolerance: float, late: Callable[[], bool] = lambda: False) -> None:
        """Raise the bound until it is within the tolerance (a share) of the best provable one, or rounds run out.

        ``late`` is asked after each round whether the clock ends it; the bound so far is as true.
        """
        trial, limit = self.price, np.full(self.model.towns, np.inf)
        for _ in range(rounds):
            self.rounds += 1
            value, patterns = cheapest(self.model, self.model.count, trial, limit - 1e-6, PER_TOWN)
            proven = float((self.model.count * trial).sum() + value.sum())
            better = proven > self.bound
            if better:
                self.price, self.bound = trial, proven
            gap = (self.top - self.bound) / max(1.0, abs(self.bound))
            if gap <= tolerance and self.slack() < 1e-6:
                return
            self.add(patterns)
            if late():
                return
            self.box.after(better=better, gap=gap)
            trial, limit = self.solve()

    def slack(self) -> float:
        """How many households the patterns known leave out or take twice within the box."""
        value = np.array(self.program.getSolution().col_value)
        return float(np.abs(value[: 2 * self.kinds]).sum()) if len(value) else np.inf

    def solve(self) -> tuple[Floats, Floats]:
        """The prices of the classes and of the towns at the optimum within the box."""
        width = self.box.width * self.model.size
        cost = np.concatenate((self.price + width, width - self.price))
        self.program.changeColsCost(2 * self.kinds, np.arange(2 * self.kinds, dtype=np.int32), cost)
        self.program.run()
        self.top = self.program.getInfo().objective_function_value
        dual = np.array(self.program.getSolution().row_dual)
        return dual[: self.kinds], dual[self.kinds :]

    def whole(self, theta: float, nodes: int, goal: float) -> list[tuple[int, Ints, Ints]] | None:
        """Whole patterns, one per town, or None: (town, kinds, numbers). Patterns above theta are left out."""
        trial, limit = self.solve()
        _, patterns = cheapest(self.model, self.model.count, trial, limit + theta, 2 * PER_TOWN)
        self.add(patterns)
        self._forbid(np.arange(2 * self.kinds))
        self.program.run()
        reduced = np.array(self.program.getSolution().col_dual)
        expensive = np.nonzero(reduced > theta)[0]
        self._forbid(expensive[expensive >= 2 * self.kinds])
        columns = np.arange(self.program.getNumCol(), dtype=np.int32)
        self.program.changeColsIntegrality(len(columns), columns, np.full(len(columns), highspy.HighsVarType.kInteger))
        for name, option in (("mip_max_nodes", nodes), ("objective_target", goal), ("mip_rel_gap", 1e-4)):
            self.program.setOptionValue(name, option)
        self.program.run()
        if self.program.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return self._chosen(self.pattern_values())

    def _forbid(self, columns: Ints) -> None:
        zero = np.zeros(len(columns))
        self.program.changeColsBounds(len(columns), columns.astype(np.int32), zero, zero)

    def _chosen(self, value: Floats) -> list[tuple[int, Ints, Ints]]:
        return [self.pattern(int(column)) for column in np.nonzero(value > 0.5)[0]]

    def pattern(self, column: int) -> tuple[int, Ints, Ints]:
        """The town, kinds and numbers of a pattern, counted in the order they were added."""
        part = bisect_right(self.begins, column) - 1
        patterns, c = self.known[part], column - self.begins[part]
        entries = patterns.entries(c)
        return int(patterns.town[c]), patterns.kind[entries], patterns.number[entries]

    def pattern_values(self) -> Floats:
        """How much of each pattern the optimum last computed takes."""
        return np.array(self.program.getSolution().col_value)[2 * self.kinds :]

    def require(self, column: int) -> None:
        """Take a pattern in whole from now on."""
        self.program.changeColBounds(2 * self.kinds + column, 1.0, 1.0)

    def widen(self, left: Ints, trial: Floats, limit: Floats, settled: Collection[int]) -> bool:
        """Add the patterns of the towns not settled that the prices ask for; False when there is none."""
        limit = limit.copy()
        limit[list(settled)] = -np.inf
        _, patterns = cheapest(self.model, left, trial, limit - 1e-6, PER_TOWN)
        self.add(patterns)
        return bool(len(patterns.town))
