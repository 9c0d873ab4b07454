"""What a town would choose at given household prices: its cheapest sets of households, by a compiled knapsack."""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.optimiser.compiled import compiled
from kfi_allocation.proof.model import NO_PLACE, Floats, Ints, Model

SIZES = 40  # households have 1 to 39 persons


@dataclass(frozen=True)
class Patterns:
    """Sets of households by town: pattern c is for `town[c]`, costs `cost[c]`, and takes `number` of each `kind`.

    Its entries are `begin[c]` to `begin[c + 1]`.
    """

    town: Ints
    cost: Ints
    begin: Ints
    kind: Ints
    number: Ints

    def entries(self, c: int) -> slice:
        """Where the entries of pattern c are."""
        return slice(int(self.begin[c]), int(self.begin[c + 1]))


@compiled
def _knapsack(  # noqa: C901 - one compiled loop
    t: int, size: Ints, count: Ints, cost: Ints, most: int, price: Floats, steepest: float, taken: Ints, item: Ints
) -> Floats:
    """The least sum of (cost - price) of sets with exactly s persons; `taken[w, s]` and `item[w]` tell the set."""
    least = np.full(most + 1, np.inf)
    least[0] = 0.0
    value, owner = np.empty(len(size)), np.empty(len(size), np.int64)
    before = np.empty(most + 1)
    taken[:, : most + 1] = 0
    for w in range(1, min(SIZES - 1, most) + 1):
        found = 0
        for k in range(len(size)):
            if size[k] == w and cost[k, t] < NO_PLACE and count[k] > 0:
                gain = cost[k, t] - price[k]
                if gain < steepest * w:
                    value[found], owner[found] = gain, k
                    found += 1
        if found == 0:
            continue
        order = np.argsort(value[:found], kind="mergesort")
        before[0], fitting = 0.0, 0
        for o in order:
            for _ in range(min(count[owner[o]], most // w - fitting)):
                item[w, fitting] = owner[o]
                before[fitting + 1] = before[fitting] + value[o]
                fitting += 1
        for s in range(most, w - 1, -1):
            for n in range(1, min(fitting, s // w) + 1):
                if least[s - n * w] + before[n] < least[s] - 1e-9:
                    least[s] = least[s - n * w] + before[n]
                    taken[w, s] = n
    return least


@compiled
def _cheapest(
    size: Ints, count: Ints, cost: Ints, most: Ints, start: Ints, town_cost: Ints, price: Floats, limit: Floats,
    steepest: float, per_town: int,
) -> tuple[Floats, Ints, Ints, Ints, Ints, Ints]:  # fmt: skip
    towns, widest = cost.shape[1], most.max() + 1
    taken, item = np.zeros((SIZES, widest), np.int64), np.zeros((SIZES, widest), np.int64)
    value = np.zeros(towns)
    town, total = np.empty(towns * per_town, np.int64), np.empty(towns * per_town, np.int64)
    begin = np.zeros(towns * per_town + 1, np.int64)
    kind, number = np.empty(1024, np.int64), np.empty(1024, np.int64)
    found, entries = 0, 0
    for t in range(towns):
        least = _knapsack(t, size, count, cost, most[t], price, steepest, taken, item)
        least += town_cost[start[t] : start[t] + most[t] + 1]
        value[t] = least.min()
        for _ in range(per_town):
            s = int(np.argmin(least))
            if least[s] >= limit[t]:
                break
            least[s] = np.inf
            if entries + s + 1 >= len(kind):
                kind = np.concatenate((kind, np.empty(len(kind) + s, np.int64)))
                number = np.concatenate((number, np.empty(len(number) + s, np.int64)))
            town[found], total[found], persons = t, town_cost[start[t] + s], s
            for w in range(min(SIZES - 1, most[t]), 0, -1):
                last = -1
                many = taken[w, persons]
                for n in range(many):
                    k = item[w, n]
                    total[found] += cost[k, t]
                    if k != last:
                        kind[entries], number[entries] = k, 0
                        entries += 1
                        last = k
                    number[entries - 1] += 1
                persons -= many * w
            found += 1
            begin[found] = entries
    return value, town[:found], total[:found], begin[: found + 1], kind[:entries], number[:entries]


def cheapest(model: Model, count: Ints, price: Floats, limit: Floats, per_town: int) -> tuple[Floats, Patterns]:
    """For each town the least cost net of prices, and its cheapest patterns below its limit, one for each load.

    At most `per_town` patterns come for a town. `count` says how many households of a class may be used.
    """
    value, *parts = _cheapest(
        model.size, count, model.cost, model.most, model.start, model.town_cost, price, limit,
        float(model.steepest), per_town,
    )  # fmt: skip
    return value, Patterns(*parts)


@compiled
def _reduced(
    size: Ints, count: Ints, cost: Ints, most: Ints, start: Ints, town_cost: Ints, price: Floats, steepest: float
) -> Floats:
    reduced = np.full(cost.shape, np.inf)
    taken, item = np.zeros((SIZES, most.max() + 1), np.int64), np.zeros((SIZES, most.max() + 1), np.int64)
    for t in range(cost.shape[1]):
        least = _knapsack(t, size, count, cost, most[t], price, steepest, taken, item)
        table = town_cost[start[t] : start[t] + most[t] + 1]
        best = (least + table).min()
        for w in range(1, min(SIZES - 1, most[t]) + 1):
            with_one = (least[: most[t] + 1 - w] + table[w:]).min()
            for k in range(len(size)):
                if size[k] == w and cost[k, t] < NO_PLACE:
                    reduced[k, t] = cost[k, t] - price[k] + with_one - best
    return reduced


def reduced_costs(model: Model, price: Floats) -> Floats:
    """A lower bound on what the whole plan costs above the bound if a household of class k goes to town t, in units."""
    return _reduced(
        model.size, model.count, model.cost, model.most, model.start, model.town_cost, price, float(model.steepest)
    )
