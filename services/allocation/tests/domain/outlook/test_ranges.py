"""Ranges hold what they promise, exactly, and say nothing of "nobody" where somebody may come."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.outlook.ranges import Part, Range, distribution, range_of

NINE_IN_TEN = Fraction(9, 10)
parts = st.lists(
    st.builds(Part, st.floats(0, 1), st.integers(1, 2), st.integers(0, 4)),
    max_size=5,
)


def every_outcome(of: list[Part]) -> dict[int, float]:
    """The chance of each sum, household by household."""
    homes = [(part.chance, part.figure) for part in of for _ in range(part.households)]
    found: dict[int, float] = {}
    for coming in product((False, True), repeat=len(homes)):
        chance, total = 1.0, 0
        for (own, figure), comes in zip(homes, coming, strict=True):
            chance *= own if comes else 1 - own
            total += figure * comes
        found[total] = found.get(total, 0.0) + chance
    return found


@given(parts)
def test_the_distribution_is_that_of_all_outcomes(of: list[Part]) -> None:
    found = distribution(of)
    for total, chance in every_outcome(of).items():
        assert (found[total] if total < len(found) else 0.0) == pytest.approx(chance, abs=1e-9)


@given(parts)
def test_a_range_holds_the_sum_with_the_chance_promised(of: list[Part]) -> None:
    found = range_of(of, NINE_IN_TEN)
    within = sum(chance for total, chance in every_outcome(of).items() if found.holds(total))
    assert within >= float(NINE_IN_TEN) - 1e-9


def test_a_town_that_may_be_given_one_family_is_told_of_it() -> None:
    assert range_of([Part(0.02, 1, 1)], NINE_IN_TEN) == Range(0, 1)
    assert range_of([Part(0.02, 1, 5)], NINE_IN_TEN) == Range(0, 5)
    assert range_of([Part(0.001, 1, 5)], NINE_IN_TEN) == Range(0, 0)


def test_of_children_nobody_is_told_where_families_without_are_usual() -> None:
    assert range_of([Part(0.02, 1, 0), Part(0.005, 1, 3)], NINE_IN_TEN) == Range(0, 0)


def test_thousands_of_households_are_no_matter_of_rounding() -> None:
    found = range_of([Part(0.25, 4000, 2), Part(1.0, 3, 1)], NINE_IN_TEN)
    assert found.least == pytest.approx(2003 - 2 * 1.645 * 27.4, abs=3)
    assert found.most == pytest.approx(2003 + 2 * 1.645 * 27.4, abs=3)
