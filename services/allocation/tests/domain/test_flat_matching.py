"""As many households as possible get the flat they need, whatever the order."""

from datetime import date
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.flat_matching import FreeFlat, Seeker, matched
from kfi_allocation.domain.towns.situation import ACCESSIBLE, LARGE_HOME

A, B = "05913000", "05914000"
DAY = date(2026, 4, 1)
LARGE = 5


def flat(number: int, persons: int, *, barrier_free: bool = False, ags: str = A, free_from: date = DAY) -> FreeFlat:
    return FreeFlat(UUID(int=number), ags, 1, persons, barrier_free, free_from)


def seeker(number: int, persons: int, *needs: str, ags: str = A) -> Seeker:
    return Seeker(UUID(int=number), ags, persons, frozenset(needs), DAY)


def test_a_flat_fits_by_steps_size_town_and_day() -> None:
    wheelchair, many = seeker(1, 3, ACCESSIBLE), seeker(2, 4, LARGE_HOME)
    assert wheelchair.fits(flat(1, 3, barrier_free=True), LARGE)
    assert not wheelchair.fits(flat(1, 3), LARGE)
    assert not wheelchair.fits(flat(1, 2, barrier_free=True), LARGE)
    assert not wheelchair.fits(flat(1, 3, barrier_free=True, ags=B), LARGE)
    assert not wheelchair.fits(flat(1, 3, barrier_free=True, free_from=date(2026, 4, 2)), LARGE)
    assert many.fits(flat(1, 5), LARGE)
    assert not many.fits(flat(1, 4), LARGE)


def test_who_fits_into_fewer_flats_is_not_left_out() -> None:
    first, second = seeker(1, 2, ACCESSIBLE), seeker(2, 4, ACCESSIBLE)
    only = [flat(1, 4, barrier_free=True), flat(2, 6, barrier_free=True)]
    assert set(matched([first, second], only, LARGE)) == {first.household_id, second.household_id}
    assert set(matched([first, second], only[:1], LARGE)) == {first.household_id}


homes = st.lists(
    st.builds(
        lambda persons, needs, ags: (persons, needs, ags), st.integers(1, 6),
        st.sets(st.sampled_from([ACCESSIBLE, LARGE_HOME]), min_size=1), st.sampled_from([A, B]),
    ), max_size=4,
)  # fmt: skip
flats = st.lists(st.tuples(st.integers(1, 7), st.booleans(), st.sampled_from([A, B])), max_size=4)


@given(homes, flats)
def test_no_other_choice_gives_flats_to_more(
    wanted: list[tuple[int, set[str], str]], offered: list[tuple[int, bool, str]]
) -> None:
    seekers = [seeker(number, persons, *needs, ags=ags) for number, (persons, needs, ags) in enumerate(wanted)]
    free = [flat(number, persons, barrier_free=bf, ags=ags) for number, (persons, bf, ags) in enumerate(offered)]
    found = matched(seekers, free, LARGE)
    assert len({one.id for one in found.values()}) == len(found)
    assert all(one.fits(found[one.household_id], LARGE) for one in seekers if one.household_id in found)
    padded = [*free, *([None] * len(seekers))]
    best = max(
        sum(one is not None and home.fits(one, LARGE) for home, one in zip(seekers, choice, strict=True))
        for choice in permutations(padded, len(seekers))
    )
    assert len(found) == best
