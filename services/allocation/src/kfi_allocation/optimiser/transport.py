"""The pooled problem: persons instead of households. Its optimum prices the towns and bounds every plan from below.

Classes that cost the same per person in every town are one pool. The linear program holds only the towns worth a try
for each pool; towns that turn out better under the new prices are added until none is (column generation).
"""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.optimiser.envelope import Envelope
from kfi_allocation.optimiser.equilibrium import balanced_prices
from kfi_allocation.optimiser.linear import Columns, solver
from kfi_allocation.proof.model import NO_PLACE, Flags, Floats, Ints, Model

CLOSED = 1e12
ROUNDS = 25
ADDED = 4
SOFTNESS = (0.3, 0.015)  # of the cost of one person off target
OVERFLOW = 50.0  # of the steepest town: what a person without any place costs


@dataclass(frozen=True)
class Pooled:
    """The optimum of the pooled problem: `persons[p]` of pool p, `share` of them by (pool, town), `price` per town."""

    pool: Ints
    rows: Ints
    towns: Ints
    share: Floats
    price: Floats

    def reduced(self, model: Model) -> Floats:
        """What a household of each class pays in each town above its best one, at the prices, in units."""
        paid = model.cost + model.size[:, None] * self.price
        paid -= paid.min(axis=1, keepdims=True)
        return paid


def solve_pooled(model: Model) -> Pooled:
    """The optimum of the pooled problem, up to the rounds of column generation."""
    pool, persons, cost = _pools(model)
    envelope = Envelope.of(model)
    unit = max(1.0, float(np.abs(envelope.slope).min(initial=100.0)))
    price = balanced_prices(persons, cost, envelope, (unit * SOFTNESS[0], unit * SOFTNESS[1]))
    wanted = _near(cost, price, 3 * unit * SOFTNESS[1])
    program = _Program(persons, cost, envelope, OVERFLOW * max(model.steepest, 1))
    program.add(wanted)
    for _ in range(ROUNDS):
        price, worth = program.run()
        better = _better(cost + price, worth) & ~wanted
        if not better.any():
            break
        wanted |= better
        program.add(better)
    return program.result(pool, price)


def _pools(model: Model) -> tuple[Ints, Floats, Floats]:
    """The pool of each class, the persons of each pool, and its cost per person."""
    each = np.where(model.cost < NO_PLACE, model.cost / model.size[:, None], CLOSED)
    numbers: dict[bytes, int] = {}
    pool = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in each], np.int64)
    firsts = np.unique(pool, return_index=True)[1]
    return pool, np.bincount(pool, model.size * model.count).astype(np.float64), each[firsts]


def _near(cost: Floats, price: Floats, limit: float) -> Flags:
    paid = cost + price
    near: Flags = (paid <= paid.min(axis=1, keepdims=True) + limit) & (cost < CLOSED)
    return near


def _better(paid: Floats, worth: Floats) -> Flags:
    """The towns that would be better for a pool than what it has, at most the ADDED best of each."""
    kth = min(ADDED, paid.shape[1]) - 1
    best = np.partition(paid, kth, axis=1)[:, kth]
    return (paid < worth[:, None] - 1e-6) & (paid <= best[:, None]) & (paid < CLOSED / 2)


class _Program:
    """The linear program: pools are placed (rows 0..P-1), towns pay their marginal cost (rows P..P+T-1)."""

    def __init__(self, persons: Floats, cost: Floats, envelope: Envelope, overflow: float) -> None:
        self.cost = cost
        self.pools, self.count = len(persons), cost.shape[1]
        self.solver = solver()
        placed = np.concatenate((persons, np.zeros(self.count)))
        self.solver.addRows(len(placed), placed, placed, 0, [], [], [])
        self._add(np.full(self.pools, overflow), np.arange(self.pools)[:, None], np.ones((self.pools, 1)))
        town = (self.pools + envelope.town)[:, None]
        self._add(envelope.slope, town, -np.ones(town.shape), envelope.length)
        self.before = self.pools + len(envelope.slope)
        self.rows, self.towns = np.empty(0, np.int64), np.empty(0, np.int64)

    def add(self, wanted: Flags) -> None:
        """Let pools use more towns."""
        rows, towns = np.nonzero(wanted)
        self._add(self.cost[rows, towns], np.stack((rows, self.pools + towns), 1), np.ones((len(rows), 2)))
        self.rows, self.towns = np.concatenate((self.rows, rows)), np.concatenate((self.towns, towns))

    def run(self) -> tuple[Floats, Floats]:
        """The price of each town and what a person of each pool is worth at the optimum."""
        self.solver.run()
        dual = np.array(self.solver.getSolution().row_dual)
        return -dual[self.pools :], dual[: self.pools]

    def result(self, pool: Ints, price: Floats) -> Pooled:
        """The optimum as last computed."""
        share = np.array(self.solver.getSolution().col_value)[self.before :]
        used = share > 1e-7
        return Pooled(pool, self.rows[used], self.towns[used], share[used], price)

    def _add(self, cost: Floats, rows: Ints, values: Floats, most: Floats | None = None) -> None:
        Columns.dense(cost, rows, values, most).add_to(self.solver)
