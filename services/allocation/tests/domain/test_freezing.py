"""The frozen input: the same circumstances give the same bytes, whatever their order; and what cannot be planned."""

import json
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.fitting import NOTHING, FitWeights
from kfi_allocation.domain.freezing import Circumstances, Closing, TownFacts, Waiting, changed_since, freeze, thawed
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.obstacles import BrokenRule, obstacles
from kfi_allocation.domain.orders import Orders

WEIGHTS = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
DORTMUND, HAGEN, MUENSTER = "05913000", "05914000", "05515000"
TOWNS = (
    TownFacts(DORTMUND, 412, 9, frozenset({"accessible", "language:ar"})),
    TownFacts(HAGEN, 188, 5, frozenset()),
    TownFacts(MUENSTER, 0, 9, frozenset(), stopped=True),
)
HOMES = (
    Waiting("H1", 3, languages=("ar", "fa"), wishes=(HAGEN,)),
    Waiting("H2", 2, frozenset({"accessible"}), wishes=(HAGEN,), languages=("fa", "ar")),
    Waiting("H3", 1, relatives_in=HAGEN, must_join=True, wishes=(DORTMUND,)),
)


def circumstances(**changes: Any) -> Circumstances:
    given = Circumstances(date(2026, 11, 23), "test-1", WEIGHTS, FitWeights(30, 20), TOWNS, HOMES)
    return replace(given, **changes)


@given(st.randoms(use_true_random=False))
def test_the_same_circumstances_give_the_same_bytes(shuffled: random.Random) -> None:
    towns, homes = list(TOWNS), list(HOMES)
    shuffled.shuffle(towns)
    shuffled.shuffle(homes)
    assert freeze(circumstances(towns=towns, households=homes)).content == freeze(circumstances()).content


def test_the_bytes_say_all_that_the_run_depends_on() -> None:
    orders = Orders(fixed={"H1": HAGEN}, excluded={"H2": frozenset({HAGEN})})
    frozen = freeze(circumstances(orders=orders, kept={"H1": DORTMUND}))
    again = thawed(frozen.content)
    assert (again.digest, again.instance, again.orders, again.kept) == (
        frozen.digest, frozen.instance, orders, {"H1": DORTMUND},
    )  # fmt: skip
    given = circumstances(orders=orders, kept={"H1": DORTMUND})
    changes: list[dict[str, Any]] = [
        {}, {"seed": 2}, {"policy_version": "x"}, {"on": date(2026, 11, 24)}, {"orders": Orders()}, {"kept": {}},
    ]  # fmt: skip
    assert len({freeze(replace(given, **change)).digest for change in changes}) == len(changes)


def test_targets_are_the_same_hundredths_when_they_are_read_again() -> None:
    towns = [TownFacts(f"{number:08}", number * 7919 % 100_000, 9, frozenset()) for number in range(1, 400)]
    read = freeze(circumstances(towns=towns, households=())).instance
    assert [town.target for town in read.municipalities] == [Decimal(t.target_hundredths) / 100 for t in towns]


def test_wishes_and_languages_are_the_fit_of_a_profile_that_names_nobody() -> None:
    instance = freeze(circumstances()).instance
    profiles = {home.id: home.profile for home in instance.households}
    assert profiles["H1"] == profiles["H2"] == "P00001"
    assert profiles["H3"] == NOTHING
    fit = {town.ags: dict(town.fit) for town in instance.municipalities}
    assert fit == {DORTMUND: {"P00001": 30}, HAGEN: {"P00001": 20}, MUENSTER: {"P00001": 50}}


@pytest.mark.parametrize(("wish", "language"), [(-1, 0), (40, 21), (61, 0)])
def test_weights_of_the_fit_stay_within_what_an_instance_holds(wish: int, language: int) -> None:
    with pytest.raises(ValueError, match="at most 60"):
        FitWeights(wish, language)


def test_a_stop_has_no_place_and_a_closed_town_takes_core_families_alone() -> None:
    closed = replace(TOWNS[1], closed=True)
    places = {
        town.ags: town.capacity
        for town in freeze(circumstances(towns=(TOWNS[0], closed, TOWNS[2]))).instance.municipalities
    }
    assert places == {DORTMUND: 9, HAGEN: 1, MUENSTER: 0}


def test_why_a_town_takes_nobody_more_is_frozen_with_it() -> None:
    towns = (replace(TOWNS[0], capacity=0), replace(TOWNS[1], closed=True), TOWNS[2])
    frozen = thawed(freeze(circumstances(towns=towns)).content)
    assert [frozen.closing(ags) for ags in (DORTMUND, HAGEN, MUENSTER)] == [
        Closing.FULL, Closing.QUOTA_REACHED, Closing.STOPPED,
    ]  # fmt: skip
    assert freeze(circumstances()).closing(DORTMUND) is None


def test_nothing_stands_against_a_run_that_can_be_made() -> None:
    assert obstacles(circumstances()) == ()


@pytest.mark.parametrize(
    ("home", "orders", "rule", "told"),
    [
        (Waiting("H9", 2, relatives_in="05999000"), Orders(), BrokenRule.NO_SUCH_TOWN, "has relatives in 05999000"),
        (Waiting("H9", 2, relatives_in=MUENSTER, must_join=True), Orders(), BrokenRule.STOPPED, "core family"),
        (Waiting("H9", 6, relatives_in=HAGEN, must_join=True), Orders(), BrokenRule.CAPACITY, "5 places for its 6"),
        (Waiting("H9", 2, frozenset({"clinic"})), Orders(), BrokenRule.NEEDS, "needs clinic"),
        (Waiting("H9", 10), Orders(), BrokenRule.CAPACITY, "10 persons; the least stands against"),
        (Waiting("H9", 2), Orders(fixed={"H9": MUENSTER}), BrokenRule.STOPPED, "given a place by a planner"),
        (Waiting("H9", 2), Orders(fixed={"H9": "05999000"}), BrokenRule.NO_SUCH_TOWN, "05999000"),
        (
            Waiting("H9", 2), Orders({"H9": HAGEN}, {"H9": frozenset({HAGEN})}), BrokenRule.EXCLUDED, "was upheld",
        ),
        (
            Waiting("H9", 2, frozenset({"accessible"})), Orders(excluded={"H9": frozenset({DORTMUND})}),
            BrokenRule.EXCLUDED, "offers accessible",
        ),
    ],
)  # fmt: skip
def test_what_leaves_a_household_no_place_is_named_with_its_rule(
    home: Waiting, orders: Orders, rule: BrokenRule, told: str
) -> None:
    (found,) = obstacles(circumstances(households=(*HOMES, home), orders=orders))
    assert (found.household, found.rule) == ("H9", rule)
    assert told in found.text
    assert "H9" in found.text
    assert found.approved_by


@pytest.mark.parametrize(
    ("change", "excluded", "rule", "words", "who"),
    [
        (
            {"capacity": 1},
            (),
            BrokenRule.CAPACITY,
            "against 05913000: it has 1 places",
            "the municipality",
        ),
        ({"stopped": True}, (), BrokenRule.STOPPED, "it has a reception stop", "the district government that granted"),
        ({"settled_only": True}, (), BrokenRule.STOPPED, "it has a reception stop", "the district government that"),
        ({"closed": True}, (), BrokenRule.QUOTA, "it has taken its share", "the two persons who put a policy"),
        ({}, (DORTMUND,), BrokenRule.EXCLUDED, "its objection was upheld", "the planner who upheld the objection"),
    ],
    ids=["full", "stopped", "stopped in a repair", "at 100 %", "objection"],
)
def test_a_household_without_a_place_is_told_the_least_that_is_missing_and_who_approves_just_that(
    change: dict[str, Any], excluded: tuple[str, ...], rule: BrokenRule, words: str, who: str
) -> None:
    towns = (replace(TOWNS[0], **change), replace(TOWNS[1], stopped=True, capacity=0), TOWNS[2])
    orders = Orders(excluded={"H9": frozenset(excluded)})
    home = Waiting("H9", 2, frozenset({"accessible"}))
    (found,) = obstacles(circumstances(households=(home,), towns=towns, orders=orders))
    assert (found.rule, found.ags) == (rule, DORTMUND)
    assert words in found.text
    assert found.approved_by.startswith(who)


def test_more_persons_than_are_placed_in_a_town_by_their_core_family_are_named() -> None:
    joining = tuple(Waiting(f"H{number}", 2, relatives_in=HAGEN, must_join=True) for number in range(3))
    (found,) = obstacles(circumstances(households=joining))
    assert found.text == "6 persons are bound to 05914000, which has 5 places: households H0, H1, H2."


def test_nobody_waits() -> None:
    (found,) = obstacles(circumstances(households=()))
    assert found.rule is BrokenRule.NOBODY


def test_nothing_in_the_bytes_is_a_float_that_was_rounded() -> None:
    document = json.loads(freeze(circumstances()).content, parse_float=Decimal)
    assert document["instance"]["policy"]["tolerance_share"] == Decimal("0.05")


def test_a_household_that_changed_or_went_since_is_named() -> None:
    frozen = freeze(circumstances())
    assert changed_since(frozen, HOMES) == ()
    bigger, other = replace(HOMES[0], persons=4), replace(HOMES[1], wishes=(DORTMUND,))
    assert changed_since(frozen, (bigger, other)) == ("H1", "H2", "H3")
    assert changed_since(frozen, (*HOMES[:2], replace(HOMES[2], wishes=(HAGEN,)))) == ()
