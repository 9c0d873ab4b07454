"""What a repair starts from: places of now, targets of the accepted run, and nobody settled moves by itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting, freeze
from kfi_allocation.domain.instance import Policy
from kfi_allocation.domain.obstacles import obstacles
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.repairing import REASONS, Placed, TownNow, repair_of, why_moved
from kfi_allocation.optimiser.repair import repair

WEIGHTS = Policy(Decimal(100), Decimal(300), 3, Decimal("0.05"), Decimal(200), Decimal(80))
FIT = FitWeights(30, 20)
A, B, C = "05911000", "05913000", "05914000"
HOMES = tuple(Waiting(f"H{number}", 2) for number in range(4))
ACCEPTED = freeze(
    Circumstances(
        date(2026, 3, 9), "test-1", WEIGHTS, FIT, [TownFacts(ags, 267, 9, frozenset()) for ags in (A, B, C)], HOMES
    )
)
PLACED = (Placed(HOMES[0], A), Placed(HOMES[1], A, settled=True), Placed(HOMES[2], B), Placed(HOMES[3], C))
NOW = {ags: TownNow(1, stopped=False, offers=frozenset()) for ags in (A, B, C)}


def test_places_and_targets_are_those_of_now_and_of_the_accepted_run() -> None:
    given = repair_of(ACCEPTED, PLACED, NOW, on=date(2026, 4, 1), fit=FIT, orders=Orders())
    assert [(town.ags, town.capacity, town.target_hundredths) for town in given.towns] == [
        (A, 5, 267), (B, 3, 267), (C, 3, 267),
    ]  # fmt: skip
    assert given.kept == {"H0": A, "H1": A, "H2": B, "H3": C}
    assert given.orders.fixed == {"H1": A}
    assert freeze(given).document["policy_version"] == "test-1"


def test_a_new_stop_moves_those_who_are_not_settled() -> None:
    towns = {**NOW, A: replace(NOW[A], stopped=True), B: replace(NOW[B], capacity_left=5)}
    given = repair_of(ACCEPTED, PLACED, towns, on=date(2026, 4, 1), fit=FIT, orders=Orders())
    assert obstacles(given) == ()
    frozen = freeze(given)
    repaired = repair(frozen.instance, dict(frozen.kept or {}), frozen.orders)
    assert [(move.household, move.destination) for move in repaired.moves] == [("H0", B)]
    (told,) = [{"from": move.origin, "reason": move.reason} for move in repaired.moves]
    assert REASONS[why_moved(told, frozen)].value == "reception-stopped"
    assert why_moved(told, ACCEPTED) == told["reason"]
    free = repair_of(ACCEPTED, PLACED, towns, on=date(2026, 4, 1), fit=FIT, orders=Orders(), released=frozenset({"H1"}))
    frozen = freeze(free)
    moved = repair(frozen.instance, dict(frozen.kept or {}), frozen.orders).moves
    assert {move.household for move in moved} == {"H0", "H1"}
    assert {REASONS[move.reason].value for move in moved} == {"reception-stopped"}


def test_a_reserved_flat_counts_as_an_offer_until_it_is_lost() -> None:
    needs = replace(HOMES[2], needs=frozenset({"accessible"}))
    offered = {**NOW, C: TownNow(4, stopped=False, offers=frozenset({"accessible"}))}
    placed = (*PLACED[:2], Placed(needs, B, flat_for=frozenset({"accessible"})), PLACED[3])
    frozen = freeze(repair_of(ACCEPTED, placed, offered, on=date(2026, 4, 1), fit=FIT, orders=Orders()))
    assert repair(frozen.instance, dict(frozen.kept or {}), frozen.orders).moves == ()
    lost = (*PLACED[:2], Placed(needs, B), PLACED[3])
    frozen = freeze(repair_of(ACCEPTED, lost, offered, on=date(2026, 4, 1), fit=FIT, orders=Orders()))
    (move,) = repair(frozen.instance, dict(frozen.kept or {}), frozen.orders).moves
    assert (move.household, move.destination, REASONS[move.reason].value) == ("H2", C, "offer-lost")


def test_an_objection_that_was_upheld_moves_its_household_alone() -> None:
    orders = Orders(excluded={"H2": frozenset({B}), "H1": frozenset({A})})
    towns = {**NOW, C: replace(NOW[C], capacity_left=4)}
    frozen = freeze(repair_of(ACCEPTED, PLACED, towns, on=date(2026, 4, 1), fit=FIT, orders=orders))
    (move,) = repair(frozen.instance, dict(frozen.kept or {}), frozen.orders).moves
    assert (move.household, REASONS[move.reason].value) == ("H2", "objection-upheld")
