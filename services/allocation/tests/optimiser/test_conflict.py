import pytest
from hypothesis import given, settings
from services.allocation.tests.instances import document, every_plan, home, instances, town

from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.optimiser.conflict import Feasibility, feasibility
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.synthetic import generate


def keeps_all_but(instance: Instance, found: Feasibility) -> bool:
    """Whether the plan breaks exactly the rules it names, by exactly what it says."""
    towns = instance.municipalities
    load = [0] * len(towns)
    without = []
    for household, t in zip(instance.households, found.place, strict=True):
        load[t] += household.persons
        if not household.may_live_in(towns[t]):
            without.append((f"needs {household.id}", len(household.needs - towns[t].offers)))
    above = [(f"capacity {t.ags}", n - t.capacity) for t, n in zip(towns, load, strict=True) if n > t.capacity]
    return sorted(without + above) == sorted((rule.rule, rule.relax_by) for rule in found.conflict)


@pytest.mark.parametrize("nodes", [0, 100])
@given(instance=instances)
@settings(max_examples=60, deadline=None)
def test_however_little_work_is_allowed_a_set_of_rules_comes_and_is_honest(nodes: int, instance: Instance) -> None:
    found = feasibility(instance, nodes=nodes)
    assert keeps_all_but(instance, found)
    assert found.fewest <= len(found.conflict)
    if any(True for _ in every_plan(instance)):
        assert found.fewest == 0


def test_the_set_that_is_always_found_does_without_any_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("highspy.Highs.run", lambda _: None)
    towns = [town("010", capacity=2, offers=["clinic"]), town("020", capacity=9)]
    homes = [
        home("H1", 2, needs=["clinic"]),
        home("H2", 2, needs=["clinic"]),
        home("H3", needs=["lift"]),
        home("H4", 3),
    ]
    instance = instance_from(document(towns, homes))
    found = feasibility(instance)
    assert keeps_all_but(instance, found)
    assert [rule.rule for rule in found.conflict] == ["needs H3", "capacity 010"]
    assert not found.proven


@pytest.mark.nightly
@pytest.mark.parametrize(("shape", "households"), [("infeasible", 1_000), ("needs", 10_000), ("infeasible", 10_000)])
def test_large_runs_that_do_not_fit_name_their_rules_too(shape: str, households: int) -> None:
    instance = instance_from(generate(households, shape))
    plan = solve(instance)
    assert plan.conflict or plan.assignments
    assert keeps_all_but(instance, feasibility(instance))
