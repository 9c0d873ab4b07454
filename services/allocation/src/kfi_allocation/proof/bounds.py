"""Lower bounds anyone can recompute, in whole numbers: no solver has to be trusted.

Both bounds are Lagrangian, so every choice of prices gives a true one; good prices only make it high.

Town prices m: a household pays its cost plus m per person, a town earns m per person.
  bound = sum over households of min over towns (cost + persons * m) + sum over towns of min over s (F(s) - m * s)
Household prices l: the rule "each household once" is bought; each town picks its cheapest set of households.
  bound = sum over households of l + sum over towns of min over sets S that fit (F(persons of S) + sum (cost - l))

Prices are whole numbers of 1 / PRICE_UNITS of a cost unit. A bound is rounded up to a whole unit, because every plan
costs a whole number of units.
"""

import numpy as np

from kfi_allocation.proof.model import NO_PLACE, Ints, Model

PRICE_UNITS = 1000
UNREACHED = np.int64(1) << 60


def town_price_bound(model: Model, prices: Ints) -> int:
    """The bound, in units, of one price per person for each town."""
    total = 0
    for k in range(len(model.size)):
        row = model.cost[k]
        total += int(model.count[k]) * int((PRICE_UNITS * row + model.size[k] * prices).min())
    for t in range(model.towns):
        table = PRICE_UNITS * _table(model, t) - prices[t] * np.arange(model.most[t] + 1)
        total += int(table.min())
    return -(-total // PRICE_UNITS)


def household_price_bound(model: Model, prices: Ints) -> int:
    """The bound, in units, of one price for each class of households."""
    total = int((model.count * prices).sum()) + sum(cheapest_sets(model, prices))
    return -(-total // PRICE_UNITS)


def cheapest_sets(model: Model, prices: Ints) -> list[int]:
    """For each town the least of F(persons of S) + sum (cost - price) over sets S, in 1 / PRICE_UNITS of a unit."""
    steepest = model.steepest * PRICE_UNITS
    return [int((_sets(model, t, prices, steepest) + PRICE_UNITS * _table(model, t)).min()) for t in range(model.towns)]


def _table(model: Model, t: int) -> Ints:
    return model.town_cost[model.start[t] : model.start[t] + model.most[t] + 1]


def _sets(model: Model, t: int, prices: Ints, steepest: int) -> Ints:
    """The least sum of (cost - price) over sets of exactly s persons; a knapsack, household by household.

    A household whose price gains less than the town could lose by its persons is never needed; of one size only the
    cheapest that fit together are.
    """
    least = np.full(model.most[t] + 1, UNREACHED)
    least[0] = 0
    column = model.cost[:, t]
    value = np.where(column < NO_PLACE, PRICE_UNITS * column - prices, UNREACHED)
    useful = np.nonzero(value < steepest * model.size)[0]
    for w in np.unique(model.size[useful]):
        of_size = useful[model.size[useful] == w]
        items = np.sort(np.repeat(value[of_size], np.minimum(model.count[of_size], model.most[t] // w)))
        for item in items[: model.most[t] // w]:
            least[w:] = np.minimum(least[w:], least[:-w] + item)
    return np.minimum(least, UNREACHED)
