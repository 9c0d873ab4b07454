"""Small instances for tests, and every plan of them."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st

from kfi_allocation.domain.cost import plan_units
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from

POLICY = {
    "off_target_per_person": 100,
    "beyond_tolerance_per_person": 300,
    "tolerance_persons": 1,
    "tolerance_share": 0.05,
    "relatives_missed_per_person": 200,
    "relatives_same_district_per_person": 80,
}


def town(ags: str, target: float = 2, capacity: int = 10, **more: Any) -> dict[str, Any]:
    return {"ags": ags, "district": ags[:2], "target": target, "capacity": capacity, "offers": [], "fit": {}} | more


def home(name: str, persons: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "persons": persons,
        "profile": "A",
        "needs": [],
        "relatives_in": None,
        "must_join": False,
    } | more


def document(towns: list[dict[str, Any]], homes: list[dict[str, Any]], **policy: Any) -> dict[str, Any]:
    return {
        "format": "kfi-allocation-instance/1",
        "policy": POLICY | policy,
        "municipalities": towns,
        "households": homes,
    }


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    words = st.lists(st.sampled_from(["accessible", "clinic"]), unique=True)
    names = [f"0{n}0" for n in range(1, draw(st.integers(1, 3)) + 1)]
    hundredths = st.integers(0, 900).map(lambda n: n / 100)
    towns = [
        town(name, draw(hundredths), draw(st.integers(0, 9)), offers=draw(words), fit={"A": draw(st.integers(0, 60))})
        for name in names
    ]
    homes = []
    for number in range(draw(st.integers(0, 5))):
        relatives = draw(st.none() | st.sampled_from(names))
        joins = relatives is not None and draw(st.booleans())
        needs = draw(words)
        persons = draw(st.integers(1, 5))
        homes.append(home(f"H{number}", persons, needs=needs, relatives_in=relatives, must_join=joins))
    weights = st.sampled_from([0, 1, 100, 0.5, 33.25])
    policy = {name: draw(weights) for name in POLICY if name.endswith("per_person")}
    return document(towns, homes, **policy)


instances = documents().map(instance_from)


def every_plan(instance: Instance) -> Iterator[dict[str, str]]:
    """All plans that keep the rules, found without the package's own search."""
    open_towns = [[t for t in instance.municipalities if h.may_live_in(t)] for h in instance.households]
    for choice in product(*open_towns):
        load = dict.fromkeys((t.ags for t in instance.municipalities), 0)
        for h, t in zip(instance.households, choice, strict=True):
            load[t.ags] += h.persons
        if all(load[t.ags] <= t.capacity for t in instance.municipalities):
            yield {h.id: t.ags for h, t in zip(instance.households, choice, strict=True)}


def least_units(instance: Instance) -> int | None:
    """The cost of the best plan, by trying all."""
    return min((plan_units(instance, places) for places in every_plan(instance)), default=None)
