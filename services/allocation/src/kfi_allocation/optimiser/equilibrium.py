"""First town prices: demand that leans softly to the cheapest towns is balanced with what each town takes.

An entropy-smoothed transport problem solved by scaling (Sinkhorn, with the towns' costs as in Chizat et al. 2018), the
smoothing lowered step by step. Cheap and good enough to tell which towns matter for which household.
"""

import numpy as np

from kfi_allocation.optimiser.compiled import compiled
from kfi_allocation.optimiser.envelope import Envelope
from kfi_allocation.proof.model import Floats, Ints

COOLING = 0.7
SWEEPS = 8
NEGLIGIBLE = 18.0  # e^-18: what leans less than this to a town does not count


@compiled
def _demand(persons: Floats, cost: Floats, price: Floats, softness: float) -> Floats:
    load = np.zeros(cost.shape[1])
    share = np.zeros(cost.shape[1])
    for p in range(len(persons)):
        best = np.inf
        for t in range(cost.shape[1]):
            best = min(best, cost[p, t] + price[t])
        total = 0.0
        for t in range(cost.shape[1]):
            above = (cost[p, t] + price[t] - best) / softness
            share[t] = np.exp(-above) if above < NEGLIGIBLE else 0.0
            total += share[t]
        load += share * (persons[p] / total)
    return load


@compiled
def _rebalanced(load: Floats, price: Floats, slope: Floats, length: Floats, first: Ints, softness: float) -> Floats:
    """For each town the price at which its soft demand meets its marginal cost."""
    new = price.copy()
    for t in range(len(price)):
        demand, taken = max(load[t], 1e-12), 0.0
        for j in range(first[t], first[t + 1] + 1):
            at_slope = demand * np.exp((price[t] - slope[j]) / softness) if j < first[t + 1] else 0.0
            if at_slope <= taken:
                new[t] = price[t] + softness * np.log(demand / taken) if taken > 0 else price[t]
                break
            if at_slope <= taken + length[j]:
                new[t] = slope[j]
                break
            taken += length[j]
    return new


def balanced_prices(persons: Floats, cost: Floats, envelope: Envelope, softness: tuple[float, float]) -> Floats:
    """Town prices, in units per person, when the softness falls from the first to the second figure."""
    price = np.zeros(cost.shape[1])
    soft = softness[0]
    while soft >= softness[1]:
        for _ in range(SWEEPS):
            load = _demand(persons, cost, price, soft)
            price = _rebalanced(load, price, envelope.slope, envelope.length, envelope.first, soft)
        soft *= COOLING
    return price
