"""Repair with least change: as few households as possible leave their town, then the plan costs least."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from kfi_allocation.domain.cost import HUNDRED, Scale, plan_units
from kfi_allocation.domain.instance import Household, Instance, Municipality
from kfi_allocation.domain.instance_document import MOST_FIT
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import Plan, Status, status_of
from kfi_allocation.optimiser.effort import Effort, Listener
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.optimiser.transport import solve_pooled
from kfi_allocation.proof.model import build
from kfi_allocation.proof.proving import town_proof

MOVE_WEIGHT = 20


@dataclass(frozen=True, slots=True)
class Move:
    """A household that leaves its town, and why; `origin` is None for a household that had no place yet."""

    household: str
    origin: str | None
    destination: str
    reason: str


@dataclass(frozen=True)
class Repair:
    """The new plan, who moves, and `fewest`: so many must leave their town in every plan.

    The plan's objective is its plain cost, its bound holds for every plan, however many move; the gap is therefore what
    least change costs at most. `ranked` and `ranked_bound` count each move as MOVE_WEIGHT times the most that moving
    one household can save: they say how well the ranking "fewest moves, then least cost" was met.
    """

    plan: Plan
    moves: tuple[Move, ...]
    fewest: int
    ranked: Fraction
    ranked_bound: Fraction


def repair(
    instance: Instance,
    earlier: Mapping[str, str],
    orders: Orders | None = None,
    effort: Effort | None = None,
    listen: Listener | None = None,
) -> Repair:
    """A plan for the changed instance that moves as few households of the earlier plan as possible, then costs least.

    `instance` is the instance as it is now (a new stop, a lost offer, a household cancelled or new); `orders` holds
    objections upheld (excluded) and overrides (fixed). Municipalities that are gone count as left.
    """
    scale = Scale.of(instance.policy)
    towns = {town.ags for town in instance.municipalities}
    kept = {home.id: earlier[home.id] for home in instance.households if earlier.get(home.id) in towns}
    ranked = replace(orders or Orders(), kept=kept, move_units=_move_units(instance, scale))
    plan = solve(instance, effort, listen, orders=ranked)
    if plan.status is Status.INFEASIBLE:
        return Repair(plan, (), 0, Fraction(0), Fraction(0))
    moves = _moves(instance, earlier, plan, ranked)
    fewest = fewest_moves(instance, kept, ranked)
    decided = replace(ranked, kept={}, move_units=0)
    return Repair(_at_plain_cost(instance, plan, scale, decided), moves, fewest, plan.objective, plan.bound)


def _at_plain_cost(instance: Instance, plan: Plan, scale: Scale, orders: Orders) -> Plan:
    """The plan with the published cost and a bound on it, as an auditor without the earlier plan recomputes them."""
    objective = scale.amount(plan_units(instance, plan.assignments))
    model = build(instance, scale, orders)
    price = solve_pooled(model).price if len(model.kind) else np.zeros(model.towns)
    proof = town_proof(instance, model, scale, price)
    bound = scale.amount(proof.bound)
    status = status_of(objective, bound)
    return replace(plan, status=status, objective=objective, bound=bound, certificate=proof.certificate)


def fewest_moves(instance: Instance, kept: Mapping[str, str], orders: Orders) -> int:
    """How many households must leave at least: those that may not stay, and enough to get below each capacity."""
    staying: dict[str, list[int]] = {town.ags: [] for town in instance.municipalities}
    towns = {town.ags: town for town in instance.municipalities}
    leaving = 0
    for home in instance.households:
        ags = kept.get(home.id)
        if ags is None:
            continue
        if _may_stay(home, towns[ags], orders):
            staying[ags].append(home.persons)
        else:
            leaving += 1
    return leaving + sum(_above(sorted(sizes, reverse=True), towns[ags].capacity) for ags, sizes in staying.items())


def _may_stay(home: Household, town: Municipality, orders: Orders) -> bool:
    if town.ags in orders.excluded.get(home.id, ()):
        return False
    return orders.fixed[home.id] == town.ags if home.id in orders.fixed else home.may_live_in(town)


def _above(sizes: list[int], capacity: int) -> int:
    """How many of the households, the largest first, must leave until the rest fits."""
    over, leaving = sum(sizes) - capacity, 0
    while over > 0:
        over -= sizes[leaving]
        leaving += 1
    return leaving


def _move_units(instance: Instance, scale: Scale) -> int:
    """MOVE_WEIGHT times the most that a household and its two towns can save by a move, in units."""
    most = max((home.persons for home in instance.households), default=1)
    relatives = max(scale.relatives_missed, scale.same_district)
    towns = 2 * HUNDRED * max(scale.off_target, scale.beyond_tolerance)
    return MOVE_WEIGHT * most * (MOST_FIT * scale.fit + relatives + towns)


def _moves(instance: Instance, earlier: Mapping[str, str], plan: Plan, orders: Orders) -> tuple[Move, ...]:
    towns = {town.ags: town for town in instance.municipalities}
    moved = [home for home in instance.households if plan.assignments[home.id] != earlier.get(home.id)]
    return tuple(
        Move(
            home.id,
            earlier.get(home.id),
            plan.assignments[home.id],
            _reason(home, towns.get(earlier.get(home.id, "")), orders),
        )
        for home in moved
    )


def _reason(home: Household, town: Municipality | None, orders: Orders) -> str:
    if town is None:
        return "had no place yet"
    if town.ags in orders.excluded.get(home.id, ()):
        return "the objection to this place was upheld"
    if home.id in orders.fixed:
        return "a planner decided on the place"
    if town.capacity == 0:
        return "the town has a reception stop"
    if not home.may_live_in(town):
        return "the town no longer offers what the household needs"
    return "makes room so that all households have a place"
