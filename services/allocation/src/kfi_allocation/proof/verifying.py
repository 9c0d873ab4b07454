"""Checks a plan against the full instance without trusting the solver: rules, cost, bound and gap, all exact."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.cost import Scale, exact_number, plan_units
from kfi_allocation.domain.instance import Household, Instance, Municipality
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.orders_document import orders_of
from kfi_allocation.domain.plan import FORMAT, GAP_DIGITS, OPTIMAL_GAP, StoppedBy
from kfi_allocation.proof.bounds import PRICE_UNITS, household_price_bound, town_price_bound
from kfi_allocation.proof.model import Ints, Model, build

ROUNDING = Decimal("0.00000001")


@dataclass(frozen=True)
class Finding:
    """What the check of a plan found; the plan is sound when there are no problems."""

    objective: Fraction | None
    bound: Fraction | None
    problems: tuple[str, ...]


def verify(instance: Instance, document: dict[str, Any]) -> Finding:
    """Recompute what a plan claims, around the orders it names. Every claim that does not hold is named."""
    if document.get("format") != FORMAT:
        return Finding(None, None, (f'format: must be "{FORMAT}"',))
    if document.get("status") == "infeasible":
        wrong = () if document.get("conflict") and not document.get("assignments") else ("conflict: names no rule",)
        return Finding(None, None, wrong)
    try:
        orders = orders_of(document, instance)
    except DocumentNotReadable as error:
        return Finding(None, None, error.problems)
    problems = _broken_rules(instance, document.get("assignments") or {}, orders)
    if problems:
        return Finding(None, None, tuple(problems))
    scale = Scale.of(instance.policy)
    objective = scale.amount(plan_units(instance, document["assignments"]))
    bound, problems = _bound(instance, document, scale, orders)
    problems += _claims(document, objective, bound) + _of_the_search(document)
    return Finding(objective, bound, tuple(problems))


def _broken_rules(instance: Instance, places: dict[str, str], orders: Orders) -> list[str]:
    towns = {town.ags: town for town in instance.municipalities}
    load = dict.fromkeys(towns, 0)
    known = {home.id for home in instance.households}
    problems = [f"assignments.{extra}: no household of the instance" for extra in sorted(places.keys() - known)]
    for home in instance.households:
        town = towns.get(places.get(home.id, ""))
        if town is None:
            problems.append(f"assignments.{home.id}: has no municipality of the instance")
            continue
        load[town.ags] += home.persons
        broken = _broken_rule(home, town, orders)
        if broken:
            problems.append(f"assignments.{home.id}: {broken}")
    full = [town for town in towns.values() if load[town.ags] > town.capacity]
    return problems + [f"{town.ags}: {load[town.ags]} persons, capacity {town.capacity}" for town in full]


def _broken_rule(home: Household, town: Municipality, orders: Orders) -> str | None:
    """What people fixed goes before what the household needs or is bound to."""
    if town.ags in orders.excluded.get(home.id, ()):
        return f"{town.ags} is excluded for the household"
    if home.id in orders.fixed:
        return None if orders.fixed[home.id] == town.ags else f"the place was fixed to {orders.fixed[home.id]}"
    return None if home.may_live_in(town) else f"{town.ags} does not offer what the household needs or is bound to"


def _bound(
    instance: Instance, document: dict[str, Any], scale: Scale, orders: Orders
) -> tuple[Fraction | None, list[str]]:
    certificate = document.get("certificate")
    if certificate is None:
        return None, ["certificate: is missing, so the bound cannot be recomputed"]
    if certificate.get("unit") != str(scale.unit) or certificate.get("price_units") != PRICE_UNITS:
        return None, ["certificate: its units are not those of the instance"]
    model = build(instance, scale, orders)
    prices = certificate["prices"]
    try:
        if certificate["kind"] == "town prices":
            towns = np.array([prices[town.ags] for town in instance.municipalities], np.int64)
            return scale.amount(town_price_bound(model, towns)), []
        return scale.amount(household_price_bound(model, _of_classes(instance, model, prices))), []
    except KeyError as error:
        return None, [f"certificate.prices: {error.args[0]} is missing"]


def _of_classes(instance: Instance, model: Model, prices: dict[str, int]) -> Ints:
    """One price per class; where households of a class differ, their mean rounded down is taken, which is as valid."""
    of = np.array([prices[home.id] for home in instance.households], np.int64)
    sums = np.zeros(len(model.size), np.int64)
    np.add.at(sums, model.kind, of)
    return sums // model.count


def _claims(document: dict[str, Any], objective: Fraction, bound: Fraction | None) -> list[str]:
    problems = []
    if not _same(document.get("objective"), objective):
        problems.append(f"objective: is {exact_number(objective)}")
    if bound is None:
        return problems
    if not _at_most(document.get("bound"), bound):
        problems.append(f"bound: only {exact_number(bound)} is proven")
    gap = (objective - bound) / objective if objective else Fraction(0)
    if abs(Fraction(str(document.get("gap", 2))) - gap) > Fraction(2, 10**GAP_DIGITS):
        problems.append(f"gap: is {float(gap):.8f}")
    if (document.get("status") == "optimal") != (gap <= OPTIMAL_GAP):
        problems.append("status: is not what the gap says")
    return problems


def _of_the_search(document: dict[str, Any]) -> list[str]:
    """How the plan was found: only what was not ended by the clock may be called reproducible."""
    known = tuple(stop.value for stop in StoppedBy)
    stopped_by = document.get("stopped_by")
    problems = [] if stopped_by in known else [f"stopped_by: must be one of {', '.join(known)}"]
    if document.get("reproducible") is not (stopped_by != StoppedBy.TIME.value):
        problems.append("reproducible: is not what stopped_by says")
    if not isinstance(document.get("seed"), int):
        problems.append("seed: must be a whole number")
    return problems if isinstance(document.get("solver"), str) else [*problems, "solver: must name it and its version"]


def _same(claimed: object, value: Fraction) -> bool:
    return isinstance(claimed, (int, float, Decimal)) and abs(Decimal(str(claimed)) - exact_number(value)) <= ROUNDING


def _at_most(claimed: object, value: Fraction) -> bool:
    return isinstance(claimed, (int, float, Decimal)) and Decimal(str(claimed)) <= exact_number(value) + ROUNDING
