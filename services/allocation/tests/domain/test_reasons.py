"""The reasons of a household are the frozen figures, and why a town is closed to it is told as it was."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kfi_allocation.domain.errors import ReasonsMissing
from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting, freeze
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.reasons import Reasons, reasons_from

WEIGHTS = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
HOME, OTHER = UUID(int=1), UUID(int=2)
AACHEN, MUENSTER, DORTMUND, HAGEN, HAMM, UNNA = (
    "05334002", "05515000", "05913000", "05914000", "05915000", "05978036",
)  # fmt: skip


def reasons(household: UUID = HOME, orders: Orders | None = None, gone: tuple[str, ...] = (), **more: Any) -> Reasons:
    """Two persons chosen for Münster; the others are at 100 %, full, stopped, open, and open at a higher cost."""
    nothing = frozenset[str]()
    towns = (
        TownFacts(MUENSTER, 100, 9, nothing), TownFacts(DORTMUND, 200, 9, nothing, closed=True),
        TownFacts(HAGEN, 200, 0, nothing), TownFacts(HAMM, 200, 9, nothing, stopped=True),
        TownFacts(UNNA, 50, 9, nothing), TownFacts(AACHEN, 0, 9, nothing),
    )  # fmt: skip
    homes = (Waiting(str(HOME), 2), Waiting(str(OTHER), 2, relatives_in=DORTMUND, must_join=True))
    there = [town for town in towns if town.ags not in gone]
    given = Circumstances(date(2026, 11, 23), "t", WEIGHTS, FitWeights(30, 20), there, homes, orders or Orders())
    places = {str(HOME): MUENSTER, str(OTHER): DORTMUND}
    named = {"run_id": UUID(int=9), "input_root": "ab", "policy": "t"}
    return reasons_from(freeze(given), places, household, **(named | more))


def test_open_towns_come_first_and_each_closed_one_says_why() -> None:
    found = reasons()
    assert (found.chosen.ags, [town.ags for town in found.alternatives]) == (MUENSTER, [UNNA, AACHEN, HAGEN])
    assert found.alternatives[-1].obstacles == ("no places left",)
    closed = Orders(excluded={str(HOME): frozenset({UNNA})})
    assert [(town.ags, town.obstacles) for town in reasons(orders=closed).alternatives] == [
        (AACHEN, ()), (HAGEN, ("no places left",)), (HAMM, ("reception stop",)),
    ]  # fmt: skip


def test_a_town_at_its_share_is_no_stopped_one() -> None:
    closed = reasons(gone=(HAGEN, UNNA)).alternatives
    assert ("share taken",) in [town.obstacles for town in closed if town.ags == DORTMUND]


def test_a_town_whose_objection_was_upheld_is_no_open_alternative() -> None:
    (first, *_) = reasons(excluded=(UNNA,)).alternatives
    assert first.ags == AACHEN


def test_the_figures_bear_the_town_or_people_say_why() -> None:
    assert not reasons().need_words
    assert [town.ags for town in reasons(OTHER).better] == []
    worse = reasons()
    chosen, best = worse.chosen, worse.alternatives[0]
    swapped = Reasons(worse.run_id, "ab", "t", HOME, best, (chosen, *worse.alternatives[1:]))
    assert (swapped.better, swapped.need_words) == ((chosen,), True)


def test_a_household_that_is_not_in_the_run_has_no_reasons() -> None:
    with pytest.raises(ReasonsMissing):
        reasons(UUID(int=3))
