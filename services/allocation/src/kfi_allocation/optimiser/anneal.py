"""Compiled local search: shifts and swaps of households, accepted by falling temperature, counted and seeded."""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.optimiser.compiled import compiled
from kfi_allocation.proof.model import NO_PLACE, Flags, Floats, Ints, Model

FEWEST = 2
PARTNERS = 4  # households looked at for a swap; the best of them is tried
ROUNDS = 60


@dataclass(frozen=True)
class Choices:
    """The towns worth a try for each class k: `town[first[k]:first[k + 1]]`."""

    town: Ints
    first: Ints

    @classmethod
    def near(cls, reduced: Floats, limit: float, possible: Flags) -> "Choices":
        """The towns whose reduced cost, in units, is at most the limit, and at least the two best of every class."""
        best = np.partition(reduced, min(FEWEST, reduced.shape[1]) - 1, axis=1)[:, min(FEWEST, reduced.shape[1]) - 1]
        chosen = (reduced <= np.maximum(best, limit)[:, None]) & possible
        return cls(
            np.nonzero(chosen)[1].astype(np.int64), np.concatenate(([0], np.cumsum(chosen.sum(1)))).astype(np.int64)
        )


@compiled
def marginal_greedy(
    order: Ints, place: Ints, load: Ints, kind: Ints, size: Ints, cost: Ints, most: Ints, start: Ints, town_cost: Ints
) -> None:
    """Places each household, in the order given, where it costs least; it keeps -1 where no town has room."""
    for h in order:
        k, best = kind[h], NO_PLACE
        for t in range(cost.shape[1]):
            after = load[t] + size[k]
            if cost[k, t] < NO_PLACE and after <= most[t]:
                value = cost[k, t] + town_cost[start[t] + after] - town_cost[start[t] + load[t]]
                if value < best:
                    best, place[h] = value, t
        if place[h] >= 0:
            load[place[h]] += size[k]


@compiled
def _next(state: "np.ndarray[tuple[int], np.dtype[np.uint64]]", below: int) -> int:
    """The next number of the xorshift generator, from 0 to below - 1."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return int((x >> np.uint64(33)) % np.uint64(below))


@compiled
def _anneal(  # noqa: C901 - one compiled loop; a call per step would cost more than the step
    place: Ints,
    load: Ints,
    kind: Ints,
    size: Ints,
    cost: Ints,
    most: Ints,
    start: Ints,
    town_cost: Ints,
    town: Ints,
    first: Ints,
    movable: Ints,
    slot: Ints,
    homes: Ints,
    position: Ints,
    held: Ints,
    state: "np.ndarray[tuple[int], np.dtype[np.uint64]]",
    moves: int,
    temperature: float,
) -> int:
    """Tries `moves` shifts and swaps at one temperature; changes the plan in place and tells the change of cost."""
    change = 0
    for _ in range(moves):
        h = movable[_next(state, len(movable))]
        k, a = kind[h], place[h]
        b = town[first[k] + _next(state, first[k + 1] - first[k])]
        limit = -temperature * np.log((_next(state, 1 << 30) + 1.0) / (1 << 30))
        if a == b:
            continue
        delta, other, w = NO_PLACE, -1, 0
        for _partner in range(min(PARTNERS, held[b] + 1)):
            chosen, trial, net = _next(state, held[b] + 1) - 1, cost[k, b] - cost[k, a], size[k]
            if chosen >= 0:
                chosen = homes[slot[b] + chosen]
                if cost[kind[chosen], a] >= NO_PLACE:
                    continue
                trial += cost[kind[chosen], a] - cost[kind[chosen], b]
                net -= size[kind[chosen]]
            if load[b] + net > most[b] or load[a] - net > most[a]:
                continue
            trial += town_cost[start[b] + load[b] + net] - town_cost[start[b] + load[b]]
            trial += town_cost[start[a] + load[a] - net] - town_cost[start[a] + load[a]]
            if trial < delta:
                delta, other, w = trial, chosen, net
        if delta > limit:
            continue
        change += delta
        load[a] -= w
        load[b] += w
        p = position[h]
        if other >= 0:
            q = position[other]
            homes[slot[a] + p], homes[slot[b] + q] = other, h
            position[other], position[h], place[other] = p, q, a
        else:
            held[a] -= 1
            last = homes[slot[a] + held[a]]
            homes[slot[a] + p], position[last] = last, p
            homes[slot[b] + held[b]], position[h] = h, held[b]
            held[b] += 1
        place[h] = b
    return change


def anneal(model: Model, place: Ints, choices: Choices, moves: int, heat: tuple[float, float], seed: int) -> Ints:
    """The best plan seen when the temperature, in units, falls from heat[0] to heat[1]; never a worse one."""
    movable = np.nonzero((np.diff(choices.first) > 1)[model.kind])[0].astype(np.int64)
    if not len(movable):
        return place
    now, load = place.copy(), model.loads(place)
    slot = np.concatenate(([0], np.cumsum(model.most + 1)))[:-1].astype(np.int64)
    homes, position, held = _members(model, now, slot)
    state = np.array([seed * 2654435761 + 88172645463325252], np.uint64)
    best, cost, least = place, 0, 0
    for step in range(ROUNDS):
        temperature = heat[0] * (heat[1] / heat[0]) ** (step / (ROUNDS - 1))
        cost += _anneal(
            now, load, model.kind, model.size, model.cost, model.most, model.start, model.town_cost, choices.town,
            choices.first, movable, slot, homes, position, held, state, max(1, moves // ROUNDS), temperature,
        )  # fmt: skip
        if cost < least:
            best, least = now.copy(), cost
    return best


def _members(model: Model, place: Ints, slot: Ints) -> tuple[Ints, Ints, Ints]:
    """Who lives where: the households of each town in its slots, each household's position, each town's number."""
    order = np.argsort(place, kind="stable")
    held = np.bincount(place, minlength=model.towns).astype(np.int64)
    begins = np.concatenate(([0], np.cumsum(held)))[:-1]
    position = np.empty(len(place), np.int64)
    position[order] = np.arange(len(place)) - begins[place[order]]
    homes = np.zeros(int((model.most + 1).sum()), np.int64)
    homes[slot[place] + position] = np.arange(len(place))
    return homes, position, held
