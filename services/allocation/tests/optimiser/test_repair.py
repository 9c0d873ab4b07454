import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from services.allocation.tests.instances import document, every_plan, home, instances, town

from kfi_allocation.domain.alternatives import compare
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import Status, as_document
from kfi_allocation.optimiser.effort import Effort
from kfi_allocation.optimiser.repair import fewest_moves, repair
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.proof.verifying import verify
from kfi_allocation.synthetic import generate

QUICK = Effort(moves=30_000, parts=3)


@given(instances, instances)
@settings(max_examples=80, deadline=None)
def test_no_plan_moves_fewer_than_the_proven_fewest(before: Instance, now: Instance) -> None:
    earlier = next(every_plan(before), {})
    known = {t.ags for t in now.municipalities}
    kept = {h.id: earlier[h.id] for h in now.households if earlier.get(h.id) in known}
    least = min((sum(places[h] != ags for h, ags in kept.items()) for places in every_plan(now)), default=None)
    repaired = repair(now, earlier, effort=QUICK)
    if least is None:
        assert repaired.plan.status is Status.INFEASIBLE
        return
    assert fewest_moves(now, kept, Orders()) == repaired.fewest <= least
    assert sum(move.origin is not None for move in repaired.moves if move.origin in known) <= least


def test_a_new_stop_moves_its_households_and_nobody_else() -> None:
    instance = instance_from(generate(60, "key"))
    earlier = solve(instance, QUICK).assignments
    free = {h.id for h in instance.households if not h.must_join}
    bound = {earlier[h.id] for h in instance.households if h.must_join}
    stopped = next(ags for household, ags in earlier.items() if household in free and ags not in bound)
    towns = tuple(replace(t, capacity=0) if t.ags == stopped else t for t in instance.municipalities)
    repaired = repair(replace(instance, municipalities=towns), earlier, effort=QUICK)
    there = {household for household, ags in earlier.items() if ags == stopped}
    assert {move.household for move in repaired.moves} == there
    assert repaired.fewest == len(there)
    assert {move.reason for move in repaired.moves} == {"the town has a reception stop"}
    document = json.loads(json.dumps(as_document(repaired.plan, "test")))
    assert verify(replace(instance, municipalities=towns), document).problems == ()


def test_a_smaller_capacity_moves_the_one_household_that_makes_enough_room() -> None:
    homes = [home("H1"), home("H2"), home("H3", 3)]
    instance = instance_from(document([town("010", 2, 2), town("020", 3)], homes))
    repaired = repair(instance, dict.fromkeys(("H1", "H2", "H3"), "010"), effort=QUICK)
    assert [move.household for move in repaired.moves] == ["H3"]
    assert repaired.fewest == 1


def test_an_objection_upheld_moves_one_household_and_says_why() -> None:
    instance = instance_from(document([town("010"), town("020"), town("030")], [home("H1", 2), home("H2", 2)]))
    orders = Orders(excluded={"H1": frozenset({"010"})})
    repaired = repair(instance, {"H1": "010", "H2": "020"}, orders, QUICK)
    assert [(move.household, move.destination, move.reason) for move in repaired.moves] == [
        ("H1", "030", "the objection to this place was upheld")
    ]


def test_the_chosen_town_is_compared_on_each_criterion() -> None:
    towns = [town("010", 2, fit={"A": 5}), town("011", 2), town("020", 0, capacity=0), town("030", 0)]
    instance = instance_from(document(towns, [home("H1", 2, relatives_in="010")]))
    chosen, second, third, last = compare(instance, {"H1": "010"}, "H1")
    assert (chosen.ags, chosen.relatives, chosen.fit, chosen.even_distribution) == ("010", 0, 10, -400)
    assert (second.ags, second.relatives, second.total) == ("011", 160, -240)
    assert (third.ags, third.obstacles) == ("030", ())
    assert (last.ags, last.obstacles) == ("020", ("reception stop",))


def test_an_unknown_household_is_told() -> None:
    with pytest.raises(KeyError):
        compare(instance_from(document([town("010")], [])), {}, "H9")
