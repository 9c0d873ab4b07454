"""First plans: households in whole, from the pooled optimum or from nothing."""

import numpy as np

from kfi_allocation.optimiser.anneal import marginal_greedy
from kfi_allocation.optimiser.transport import Pooled
from kfi_allocation.proof.model import NO_PLACE, Ints, Model

FEW = 4  # a household that may go to less than a quarter of the towns is placed first


def greedy_plan(model: Model) -> Ints:
    """Each household where it costs least, those with the fewest towns and the most persons first; -1 without room."""
    return completed(model, np.full(len(model.kind), -1, np.int64))


def rounded_plan(model: Model, pooled: Pooled) -> Ints:
    """The households of each pool spread over its towns by the pooled shares; what does not fit is placed greedily."""
    place = np.full(len(model.kind), -1, np.int64)
    load = np.zeros(model.towns, np.int64)
    shares: dict[int, list[list[float]]] = {}
    for row, town, share in zip(pooled.rows, pooled.towns, pooled.share, strict=True):
        shares.setdefault(int(row), []).append([float(share), int(town)])
    pool = pooled.pool[model.kind]
    for h in np.lexsort((np.arange(len(pool)), -model.size[model.kind])):
        persons = int(model.size[model.kind[h]])
        rest = max(shares.get(int(pool[h]), [[0.0, 0]]))
        town = int(rest[1])
        fits = load[town] + persons <= model.most[town] and model.cost[model.kind[h], town] < NO_PLACE
        if fits and rest[0] >= persons - 0.5:
            rest[0] -= persons
            load[town] += persons
            place[h] = town
    return completed(model, place)


def completed(model: Model, place: Ints) -> Ints:
    """The plan with the rest placed one by one: first those with few towns, then the large."""
    late = np.nonzero(place < 0)[0]
    towns = (model.cost < NO_PLACE).sum(axis=1)[model.kind[late]]
    order = late[np.lexsort((late, towns, -model.size[model.kind[late]], FEW * towns >= model.towns))]
    marginal_greedy(
        order, place, model.loads(place), model.kind, model.size, model.cost, model.most, model.start, model.town_cost
    )
    return place
