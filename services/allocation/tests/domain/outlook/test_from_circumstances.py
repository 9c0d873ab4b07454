"""The outlook sees the day as a run would freeze it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.outlook.expected import BARRIER_FREE, Figures, Ties, TownAhead, Weights
from kfi_allocation.domain.outlook.from_circumstances import Arriving, expected_of, towns_of, weights_of

POLICY = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
MUENSTER, BIELEFELD, GUETERSLOH, VERL = "05515000", "05711000", "05754008", "05754040"
TOWNS = (
    TownFacts(MUENSTER, 1050, 40, frozenset({BARRIER_FREE, "language:ar"})),
    TownFacts(BIELEFELD, 8000, 90, frozenset(), stopped=True),
    TownFacts(GUETERSLOH, 0, 20, frozenset(), closed=True),
    TownFacts(VERL, 25, 20, frozenset()),
)
DAY = date(2027, 2, 1)


def given(*homes: Waiting, orders: Orders | None = None) -> Circumstances:
    return Circumstances(DAY, "2026-1", POLICY, FitWeights(30, 20), TOWNS, homes, orders or Orders())


def ties(home: Waiting, **more: Any) -> Ties:
    (found,) = expected_of(given(home, **more), {home.id: Arriving(1, DAY)})
    return found.ties


def test_towns_have_the_places_a_run_would_give_them() -> None:
    assert towns_of(given()) == [
        TownAhead(MUENSTER, Fraction("10.5"), 3, 40, frozenset({BARRIER_FREE, "language:ar"})),
        TownAhead(BIELEFELD, Fraction(80), 4, 0, frozenset()),
        TownAhead(GUETERSLOH, Fraction(0), 3, 0, frozenset()),
        TownAhead(VERL, Fraction("0.25"), 3, 20, frozenset()),
    ]
    assert weights_of(given()) == Weights(Fraction(100), Fraction(300))


def test_a_household_is_told_by_its_figures() -> None:
    home = Waiting("a", 5, frozenset({BARRIER_FREE}))
    (found,) = expected_of(given(home), {home.id: Arriving(2, DAY)})
    assert (found.figures, found.arrival_on) == (Figures(1, 5, 2, 1), DAY)
    assert found.ties == Ties(frozenset({BARRIER_FREE}))


def test_relatives_wishes_and_languages_save_what_the_policy_says() -> None:
    assert ties(Waiting("a", 2, relatives_in=GUETERSLOH)).saves == {
        (GUETERSLOH, Fraction(200)), (VERL, Fraction(120)),
    }  # fmt: skip
    assert ties(Waiting("a", 2, wishes=(VERL,), languages=("ar",))).saves == {
        (VERL, Fraction(30)), (MUENSTER, Fraction(20)),
    }  # fmt: skip


def test_who_joins_a_core_family_or_was_placed_by_a_planner_has_one_town() -> None:
    assert ties(Waiting("a", 2, relatives_in=VERL, must_join=True)) == Ties(bound_to=VERL)
    assert ties(Waiting("a", 2), orders=Orders(fixed={"a": MUENSTER})) == Ties(bound_to=MUENSTER)


def test_a_town_whose_objection_was_upheld_is_excluded() -> None:
    orders = Orders(excluded={"a": frozenset({VERL})})
    assert ties(Waiting("a", 2), orders=orders) == Ties(excluded=frozenset({VERL}))
