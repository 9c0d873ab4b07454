import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from services.allocation.tests.instances import document, every_plan, home, instances, least_units, town

from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import Plan, Status, StoppedBy, as_document
from kfi_allocation.optimiser.effort import Effort, Progress
from kfi_allocation.optimiser.soft import keeps_capacity
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.proof.model import build
from kfi_allocation.proof.verifying import verify
from kfi_allocation.synthetic import generate

QUICK = Effort(moves=30_000, parts=3)


def published(plan: Plan) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(as_document(plan, "test")))
    return read


@given(instances)
@settings(max_examples=150, deadline=None)
def test_the_bound_never_lies_and_the_plan_keeps_every_rule(instance: Instance) -> None:
    plan = solve(instance, QUICK)
    least = least_units(instance)
    if least is None:
        assert plan.status is Status.INFEASIBLE
        assert plan.conflict
        return
    best = Scale.of(instance.policy).amount(least)
    assert plan.bound <= best <= plan.objective
    assert verify(instance, published(plan)).problems == ()
    if plan.status is Status.OPTIMAL:
        assert plan.objective <= best / (1 - Fraction(1, 1000))


@given(instances)
@settings(max_examples=60, deadline=None)
def test_small_instances_are_solved_to_the_optimum_or_say_they_are_not(instance: Instance) -> None:
    plan = solve(instance, QUICK)
    if plan.status is Status.FEASIBLE:
        assert plan.gap > Fraction(1, 1000)


@given(instances)
@settings(max_examples=100, deadline=None)
def test_the_relaxed_rules_are_the_fewest(instance: Instance) -> None:
    plan = solve(instance, QUICK)
    if plan.status is not Status.INFEASIBLE:
        return
    assert all(rule.relax_by > 0 and rule.text and rule.approved_by for rule in plan.conflict)
    assert len(plan.conflict) == 1 or not any(list(every_plan(one)) for one in one_rule_relaxed(instance))


def one_rule_relaxed(instance: Instance) -> list[Instance]:
    plenty = instance.persons
    towns = instance.municipalities
    wider = [
        replace(instance, municipalities=tuple(replace(t, capacity=plenty) if t is one else t for t in towns))
        for one in towns
    ]
    homes = instance.households
    freer = [
        replace(instance, households=tuple(replace(h, needs=frozenset()) if h is one else h for h in homes))
        for one in homes
        if not one.must_join
    ]
    return wider + freer


@pytest.mark.parametrize("shape", ["plain", "tight", "relatives", "unique", "stops"])
def test_a_weekly_batch_of_every_shape_gets_a_proven_plan_or_the_rules_to_relax(shape: str) -> None:
    instance = instance_from(generate(100, shape))
    plan = solve(instance)
    assert plan.status is Status.OPTIMAL or plan.conflict
    assert verify(instance, published(plan)).problems == ()


def test_the_same_input_and_seed_give_the_same_plan() -> None:
    instance = instance_from(generate(60))
    first, second = solve(instance, QUICK), solve(instance, QUICK)
    assert published(first) == published(second)
    assert first.reproducible


def test_a_run_out_of_time_says_so_and_is_not_called_reproducible() -> None:
    instance = instance_from(generate(60))
    plan = solve(instance, Effort(seconds=0, gap=Fraction(-1)))
    assert plan.stopped_by is StoppedBy.TIME
    assert not plan.reproducible
    assert len(plan.assignments) == 60


def test_the_clock_ends_also_the_search_for_prices() -> None:
    instance = instance_from(generate(400))
    plan = solve(instance, Effort(seconds=0))
    assert (plan.stopped_by, plan.work) == (StoppedBy.TIME, {"column rounds": 1})
    assert verify(instance, published(plan)).problems == ()


def test_a_preview_comes_first_and_is_complete_and_sound() -> None:
    instance = instance_from(generate(60))
    seen: list[Plan | Progress] = []
    solve(instance, QUICK, seen.append, seen.append)
    preview = next(event for event in seen if isinstance(event, Plan))
    assert len(preview.assignments) == 60
    assert verify(instance, published(preview)).problems == ()


def test_places_that_suffice_by_persons_but_not_by_whole_households_are_infeasible() -> None:
    towns = [town("010", capacity=3), town("020", capacity=3)]
    plan = solve(instance_from(document(towns, [home(f"H{n}", 2) for n in range(3)])))
    assert plan.status is Status.INFEASIBLE
    assert [(rule.rule.split()[0], rule.relax_by) for rule in plan.conflict] == [("capacity", 1)]
    assert plan.assignments == {}


def test_core_family_bound_to_a_stopped_town_names_the_stop_and_who_may_lift_it() -> None:
    towns = [town("010", capacity=0), town("020")]
    plan = solve(instance_from(document(towns, [home("H1", 3, relatives_in="010", must_join=True)])))
    assert [(rule.rule, rule.relax_by, rule.households) for rule in plan.conflict] == [("capacity 010", 3, ("H1",))]
    assert "stop" in plan.conflict[0].text
    assert plan.conflict[0].approved_by == "the district government that granted the stop"


def test_no_households_at_all_is_a_plan() -> None:
    plan = solve(instance_from(document([town("010", 0), town("020", 0)], [])))
    assert (plan.status, plan.objective, plan.gap) == (Status.OPTIMAL, 0, 0)


def test_what_people_fixed_or_excluded_is_kept() -> None:
    instance = instance_from(document([town("010"), town("020"), town("030")], [home("H1"), home("H2")]))
    orders = Orders(fixed={"H1": "030"}, excluded={"H2": frozenset({"010", "030"})})
    plan = solve(instance, QUICK, orders=orders)
    assert plan.assignments == {"H1": "030", "H2": "020"}


def test_ties_go_by_the_order_of_the_file() -> None:
    towns = [town("010", 1), town("020", 1)]
    plan = solve(instance_from(document(towns, [home("H1"), home("H2")])), QUICK)
    assert plan.assignments == {"H1": "010", "H2": "020"}


def test_one_rule_is_named_where_one_will_do() -> None:
    towns = [town("010", capacity=2, offers=["clinic"]), town("020", capacity=9)]
    homes = [home("H1", 2, needs=["clinic"]), home("H2", 2, needs=["clinic"])]
    plan = solve(instance_from(document(towns, homes)))
    assert len(plan.conflict) == 1


def test_a_household_whose_needs_no_town_offers_is_named() -> None:
    towns = [town("010", capacity=9), town("020", capacity=9)]
    plan = solve(instance_from(document(towns, [home("H1", 2, needs=["clinic"]), home("H2", 2)])))
    assert [(rule.rule, rule.households) for rule in plan.conflict] == [("needs H1", ("H1",))]


def test_a_plan_above_a_capacity_is_never_taken() -> None:
    instance = instance_from(document([town("010", 4, 3), town("020", 0, 9)], [home(f"H{n}", 2) for n in range(2)]))
    model = build(instance, Scale.of(instance.policy))
    assert not keeps_capacity(model, np.array([0, 0]))
    assert keeps_capacity(model, np.array([0, 1]))
    assert not keeps_capacity(model, np.array([0, -1]))
