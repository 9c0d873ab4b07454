from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from services.allocation.tests.instances import document, every_plan, home, instances, town

from kfi_allocation.domain.cost import Scale, exact_number, plan_units
from kfi_allocation.domain.instance import Instance, Policy
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.proof.bounds import household_price_bound, town_price_bound
from kfi_allocation.proof.model import build


def test_the_tolerance_is_exact_at_multiples_that_floats_miss() -> None:
    policy = Policy(Decimal(100), Decimal(300), 3, Decimal("0.07"), Decimal(0), Decimal(0))
    assert policy.tolerance(Decimal(100)) == 7  # in floats 0.07 * 100 is 7.000000000000001, so 8
    assert policy.tolerance(Decimal("100.01")) == 8
    assert policy.tolerance(Decimal(1)) == 3


def test_each_part_of_the_cost_is_as_published() -> None:
    towns = [town("010", 10.25, 40, fit={"A": 7}), town("011", 0), town("020", 1.75)]
    relatives = [(2, "011"), (3, "020"), (1, "010")]
    homes = [home(f"H{n}", size, relatives_in=ags) for n, (size, ags) in enumerate(relatives, start=1)]
    instance = instance_from(document(towns, homes))
    # 6 of 10.25 persons: 4.25 off, 1 of it tolerated; 1.75 off in the last town; fit 7; 80, 200 and 0 for relatives
    expected = Fraction("100") * 1 + 300 * Fraction("3.25") + 100 + 300 * Fraction("0.75") + 6 * 7 + 2 * 80 + 3 * 200
    units = plan_units(instance, {"H1": "010", "H2": "010", "H3": "010"})
    assert Scale.of(instance.policy).amount(units) == expected


def test_the_unit_is_whole_when_the_weights_are_hundreds() -> None:
    assert Scale.of(instance_from(document([town("010")], [])).policy).unit == 1


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_exact_numbers_lose_no_digit(number: int, digits: int) -> None:
    value = Fraction(number, 10**digits)
    assert Fraction(exact_number(value)) == value


@given(instances, st.data())
@settings(max_examples=100, deadline=None)
def test_any_prices_whatever_give_a_true_bound(instance: Instance, data: st.DataObject) -> None:
    model = build(instance, Scale.of(instance.policy))
    price = st.integers(-(10**7), 10**7)
    of_towns = np.array(data.draw(st.lists(price, min_size=model.towns, max_size=model.towns)), np.int64)
    of_homes = np.array(data.draw(st.lists(price, min_size=len(model.size), max_size=len(model.size))), np.int64)
    for places in every_plan(instance):
        units = plan_units(instance, places)
        assert town_price_bound(model, of_towns) <= units
        assert household_price_bound(model, of_homes) <= units


@given(instances)
@settings(max_examples=100, deadline=None)
def test_the_model_costs_a_plan_as_the_published_formula_does(instance: Instance) -> None:
    model = build(instance, Scale.of(instance.policy))
    number = {town.ags: t for t, town in enumerate(instance.municipalities)}
    for places in every_plan(instance):
        place = np.array([number[places[home.id]] for home in instance.households], np.int64)
        assert model.units(place) == plan_units(instance, places)


def test_a_town_may_take_every_household_of_a_class() -> None:
    instance = instance_from(document([town("010", 3, 3)], [home("H1"), home("H2"), home("H3")]))
    model = build(instance, Scale.of(instance.policy))
    assert household_price_bound(model, np.array([100_000])) == 0  # each set earns what its households are paid
    assert household_price_bound(model, np.array([200_000])) == 0
