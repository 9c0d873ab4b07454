import copy
import json
from typing import Any

import pytest

from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import as_document
from kfi_allocation.optimiser.effort import Effort
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.proof.verifying import verify
from kfi_allocation.synthetic import generate


@pytest.fixture(scope="module")
def instance() -> Instance:
    return instance_from(generate(40, "key"))


@pytest.fixture(scope="module", params=[2_500, 0], ids=["household prices", "town prices"])
def plan(instance: Instance, request: pytest.FixtureRequest) -> dict[str, Any]:
    effort = Effort(moves=30_000, parts=2, patterns_up_to=request.param)
    read: dict[str, Any] = json.loads(json.dumps(as_document(solve(instance, effort), "test")))
    return read


def changed(plan: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return copy.deepcopy(plan) | fields


def test_a_sound_plan_has_no_problems(instance: Instance, plan: dict[str, Any]) -> None:
    assert verify(instance, plan).problems == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("objective", 1), ("gap", 0.5), ("bound", 10**9), ("status", "feasible"), ("certificate", None),
        ("format", "x"), ("reproducible", False), ("stopped_by", "luck"), ("seed", None), ("solver", None),
    ],
)  # fmt: skip
def test_a_false_claim_is_named(instance: Instance, plan: dict[str, Any], field: str, value: object) -> None:
    told = changed(plan, **{field: value})
    if field == "status" and plan["status"] == "feasible":
        told["status"] = "optimal"
    assert any(problem.startswith(field) for problem in verify(instance, told).problems)


def test_what_the_clock_ended_is_not_called_reproducible(instance: Instance, plan: dict[str, Any]) -> None:
    told = changed(plan, stopped_by="time")
    assert verify(instance, told).problems == ("reproducible: is not what stopped_by says",)
    assert verify(instance, changed(told, reproducible=False)).problems == ()


def test_a_household_without_a_place_is_named(instance: Instance, plan: dict[str, Any]) -> None:
    broken = changed(plan)
    broken["assignments"].pop("H000007")
    assert verify(instance, broken).problems == ("assignments.H000007: has no municipality of the instance",)


def test_a_town_above_its_capacity_is_named(instance: Instance, plan: dict[str, Any]) -> None:
    small = min(instance.municipalities, key=lambda town: (town.capacity == 0, town.capacity))
    broken = changed(plan, assignments=dict.fromkeys(plan["assignments"], small.ags))
    assert any(problem.startswith(f"{small.ags}: ") for problem in verify(instance, broken).problems)


def test_lower_prices_prove_less_and_that_is_named(instance: Instance, plan: dict[str, Any]) -> None:
    broken = changed(plan)
    prices = broken["certificate"]["prices"]
    broken["certificate"]["prices"] = {name: price + 50_000 * (n % 2) for n, (name, price) in enumerate(prices.items())}
    assert any(problem.startswith("bound: only") for problem in verify(instance, broken).problems)


@pytest.fixture(scope="module")
def orders(instance: Instance) -> Orders:
    open_towns = [town.ags for town in instance.municipalities if town.capacity > 12]
    first, second, *_ = (home.id for home in instance.households if not home.needs and not home.must_join)
    return Orders(fixed={first: open_towns[0]}, excluded={second: frozenset(open_towns[:30])})


def test_a_plan_around_orders_is_proven_around_them(instance: Instance, orders: Orders) -> None:
    found = solve(instance, Effort(moves=30_000, parts=2), orders=orders)
    told = json.loads(json.dumps(as_document(found, "test", orders)))
    assert verify(instance, told).problems == ()
    fixed, excluded = told["orders"]["fixed"], told["orders"]["excluded"]
    (home, ags), (other, towns) = next(iter(fixed.items())), next(iter(excluded.items()))
    assert found.assignments[home] == ags
    elsewhere = next(town.ags for town in instance.municipalities if town.ags != ags and town.capacity > 12)
    assert verify(instance, changed(told, assignments=told["assignments"] | {home: elsewhere})).problems == (
        f"assignments.{home}: the place was fixed to {ags}",
    )
    assert verify(instance, changed(told, assignments=told["assignments"] | {other: towns[0]})).problems == (
        f"assignments.{other}: {towns[0]} is excluded for the household",
    )
    assert verify(instance, changed(told, orders={"format": "x"})).problems[0].startswith("orders.format")
