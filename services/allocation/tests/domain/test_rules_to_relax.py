"""When nothing fits, each rule is told as it is: why the town has no place, and who may approve another one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, FrozenInput, TownFacts, Waiting, freeze
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import as_document
from kfi_allocation.domain.rules_to_relax import told
from kfi_allocation.optimiser.solve import solve

WEIGHTS = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
HAGEN = "05914000"
JOINING = tuple(Waiting(f"H{number}", 3, relatives_in=HAGEN, must_join=True) for number in range(2))


def frozen(homes: tuple[Waiting, ...], fixed: dict[str, str] | None = None, **town: Any) -> FrozenInput:
    facts = {"capacity": 5, "offers": frozenset()} | town
    towns = [TownFacts(HAGEN, sum(home.persons for home in homes) * 100, **facts)]
    orders = Orders(fixed=fixed or {})
    return freeze(Circumstances(date(2026, 11, 23), "t", WEIGHTS, FitWeights(30, 20), towns, homes, orders))


def rules(given: FrozenInput) -> list[tuple[str, str]]:
    plan = as_document(solve(given.instance, orders=given.orders), "test", given.orders)
    return [(rule["text"], rule["approved_by"]) for rule in (told(one, given) for one in plan["conflict"])]


@pytest.mark.parametrize(
    ("town", "text", "who"),
    [
        ({}, "Hagen (05914000) would have to take 1 persons more than its 5 places.", "the municipality"),
        ({"capacity": 0}, "Hagen (05914000) has no place left; it would have to take 6 persons.", "the municipality"),
        (
            {"stopped": True}, "Hagen (05914000) has a reception stop; it would have to take 6 persons.",
            "the district government that granted the stop",
        ),
        (
            {"closed": True},
            "Hagen (05914000) has taken its share, at which the policy ends; it would have to take 6 persons.",
            "the two persons who put a policy into force",
        ),
    ],
    ids=["too few", "full", "stopped", "at 100 %"],
)  # fmt: skip
def test_why_a_town_has_no_place_decides_who_approves_another_one(town: dict[str, Any], text: str, who: str) -> None:
    free = (Waiting("H1", 3), Waiting("H2", 3))
    assert rules(frozen(free, **town)) == [(text, who)]


def test_who_is_bound_to_the_town_and_through_whom_is_told() -> None:
    ((joining, _),) = rules(frozen(JOINING))
    assert joining.endswith("places. 6 persons must join their core family there.")
    placed = (Waiting("H1", 3), Waiting("H2", 3))
    ((fixed, _),) = rules(frozen(placed, {"H1": HAGEN, "H2": HAGEN}))
    assert fixed.endswith("6 persons were placed there by people, who may name another town.")


def test_a_need_is_told_with_the_towns_name() -> None:
    ((text, who),) = rules(frozen((Waiting("H1", 3, frozenset({"clinic"})),)))
    assert text == "Household H1 would have to do without clinic, for instance in Hagen (05914000)."
    assert who == "the household and its case officer"
