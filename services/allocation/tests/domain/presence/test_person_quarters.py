"""Persons per quarter of § 17 TIntG: two years from the entry or the birth, on four days of a year, town by town."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.policy import HeadCountFor
from kfi_allocation.domain.presence import entries as presence
from kfi_allocation.domain.presence.entries import Change, Happened, PresenceEntry, present
from kfi_allocation.domain.presence.law import head_counts, next_head_count
from kfi_allocation.domain.presence.person_quarters import Quarter, person_quarters, quarter_of
from kfi_allocation.domain.refusals import PresenceNotPossible
from kfi_law.errors import NoValueInForce

HOME = uuid4()
ENTERED = date(2026, 2, 3)
TOWNS = ("05515000", "05913000", "05711000")
LAST = date(2032, 12, 31)


def told(*changes: Change | list[Change]) -> list[PresenceEntry]:
    """The ledger after these changes, numbered as the database numbers them."""
    flat = [one for change in changes for one in (change if isinstance(change, list) else [change])]
    return [PresenceEntry(number, change) for number, change in enumerate(flat, start=1)]


def arrival(persons: int = 4, arrived_on: date = ENTERED, entered_on: date = ENTERED) -> Change:
    return presence.arrival(HOME, TOWNS[0], persons, arrived_on=arrived_on, entered_on=entered_on)


def sums(entries: list[PresenceEntry], for_: HeadCountFor = HeadCountFor.RUNNING) -> dict[str, int]:
    found = person_quarters(entries, date(2026, 1, 1), LAST, for_)
    return {f"{quarter} {ags}": persons for (quarter, ags), persons in found.persons.items() if persons}


def test_a_person_counts_on_the_eight_head_counts_of_two_years_from_the_entry() -> None:
    quarters = ["2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4", "2028-Q1"]
    assert sums(told(arrival())) == {f"{quarter} {TOWNS[0]}": 4 for quarter in quarters}


def test_the_time_runs_from_the_entry_and_not_from_the_arrival_in_the_town() -> None:
    late = told(arrival(arrived_on=date(2026, 8, 1)))
    assert next(iter(sums(late))) == f"2026-Q4 {TOWNS[0]}"
    assert list(sums(late))[-1] == f"2028-Q1 {TOWNS[0]}"


@pytest.mark.parametrize(
    ("day", "running", "ended"),
    [(date(2026, 1, 15), "2026-Q1", "2025-Q4"), (date(2026, 10, 15), "2026-Q4", "2026-Q3")],
)
def test_the_policy_says_for_which_quarter_heads_are_counted(day: date, running: str, ended: str) -> None:
    assert [str(quarter_of(day, of)) for of in HeadCountFor] == [running, ended]


def test_the_entry_on_the_day_of_a_head_count_counts_and_two_years_later_no_more() -> None:
    day = date(2026, 4, 15)
    found = list(sums(told(arrival(arrived_on=day, entered_on=day))))
    assert (found[0], found[-1], len(found)) == (f"2026-Q2 {TOWNS[0]}", f"2028-Q1 {TOWNS[0]}", 8)


def test_a_child_born_within_two_years_counts_two_years_from_birth_and_a_later_one_never() -> None:
    first = told(arrival())
    child = presence.birth(first, HOME, TOWNS[0], 1, date(2028, 2, 2))
    later = presence.birth(first, HOME, TOWNS[0], 1, date(2028, 2, 3))
    assert (child.counts_from, child.counts_before) == (date(2028, 4, 15), date(2030, 4, 15))
    assert (later.counts_from, later.counts_before) == (None, None)
    both = told(arrival(), child, later)
    assert list(sums(both).values()) == [4] * 8 + [1] * 8
    never = [line for line in person_quarters(both, ENTERED, LAST, HeadCountFor.RUNNING).trace if line.cohort == 3]
    assert {(line.counted, line.why) for line in never} == {(0, "born more than two years after the entry")}


def test_the_day_of_a_birth_is_not_kept() -> None:
    born_on = date(2026, 9, 9)
    child = presence.birth(told(arrival()), HOME, TOWNS[0], 1, born_on)
    assert born_on not in (child.on, child.counts_from, child.counts_before)


def test_who_moves_within_the_land_counts_there_for_the_time_that_is_left() -> None:
    first = told(arrival())
    moved = told(arrival(), presence.move(first, HOME, TOWNS[0], TOWNS[1], 3, date(2026, 12, 1)))
    found = sums(moved)
    assert (found[f"2026-Q4 {TOWNS[0]}"], found[f"2027-Q1 {TOWNS[0]}"], found[f"2027-Q1 {TOWNS[1]}"]) == (4, 1, 3)
    assert sum(found.values()) == 32


def test_who_leaves_the_land_or_dies_counts_no_more() -> None:
    first = told(arrival())
    gone = told(arrival(), presence.move(first, HOME, TOWNS[0], None, 1, date(2027, 1, 1)))
    died = told(*[e.change for e in gone],
                presence.leaving(gone, HOME, TOWNS[0], 1, date(2027, 5, 1), Happened.DIED))  # fmt: skip
    assert list(sums(died).values()) == [4, 4, 4, 3, 3, 2, 2, 2]


def test_a_correction_is_an_entry_and_counts_from_the_day_of_what_it_corrects() -> None:
    first = told(arrival())
    corrected = told(arrival(), presence.correction(first, 1, -1))
    assert list(sums(corrected).values()) == [3] * 8
    with pytest.raises(PresenceNotPossible, match="no arrival"):
        presence.correction(corrected, 2, 1)
    with pytest.raises(PresenceNotPossible, match="Less than nobody"):
        presence.correction(corrected, 1, -4)


def test_nobody_leaves_who_is_not_there() -> None:
    first = told(arrival())
    for ags, persons, day in (
        (TOWNS[0], 5, ENTERED), (TOWNS[1], 1, ENTERED), (TOWNS[0], 1, ENTERED - timedelta(days=1)),
    ):  # fmt: skip
        with pytest.raises(PresenceNotPossible):
            presence.leaving(first, HOME, ags, persons, day, Happened.DIED)
    left = told(arrival(), presence.leaving(first, HOME, TOWNS[0], 3, date(2027, 1, 1), Happened.DIED))
    with pytest.raises(PresenceNotPossible):
        presence.leaving(left, HOME, TOWNS[0], 2, date(2026, 6, 1), Happened.DIED)
    with pytest.raises(PresenceNotPossible):
        presence.move(first, HOME, TOWNS[0], TOWNS[0], 1, ENTERED)


def test_an_entry_into_the_country_after_the_arrival_is_none() -> None:
    with pytest.raises(PresenceNotPossible):
        arrival(entered_on=ENTERED + timedelta(days=1))


def test_the_law_says_nothing_about_days_before_it() -> None:
    with pytest.raises(NoValueInForce):
        head_counts(date(2021, 12, 1), date(2022, 2, 1))
    assert next_head_count(date(2026, 10, 16)) == date(2027, 1, 15)
    assert next_head_count(date(2026, 10, 15)) == date(2026, 10, 15)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["born", "died", "moved", "left", "corrected"]), st.integers(0, 3), st.integers(1, 3),
        st.integers(0, 1200), st.integers(0, 2),
    ),
    max_size=12,
)  # fmt: skip
DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))


def lived(persons: int, entered_on: date, steps: list[tuple[str, int, int, int, int]]) -> list[PresenceEntry]:
    """A household's life, as far as it is possible; what is not possible changes nothing."""
    first = presence.arrival(HOME, TOWNS[0], persons, arrived_on=entered_on, entered_on=entered_on)
    changes = [first]
    for what, number, count, day, town in steps:
        history = told(*changes)
        homes = [one.ags for one in present(history)]
        on, here = entered_on + timedelta(days=day), homes[number % len(homes)] if homes else TOWNS[0]
        try:
            changes += _step(history, what, here, TOWNS[town], count, on)
        except PresenceNotPossible:
            assert told(*changes) == history
    return told(*changes)


def _step(history: list[PresenceEntry], what: str, here: str, there: str, count: int, on: date) -> list[Change]:
    if what == "born":
        return [presence.birth(history, HOME, here, count, on)]
    if what == "died":
        return presence.leaving(history, HOME, here, count, on, Happened.DIED)
    if what == "corrected":
        return [presence.correction(history, len(history), 2 - count)]
    return presence.move(history, HOME, here, there if what == "moved" else None, count, on)


@given(st.integers(1, 8), DAYS, STEPS)
def test_whatever_happens_nobody_counts_more_than_eight_times_nor_twice_on_a_day(
    persons: int, entered_on: date, steps: list[tuple[str, int, int, int, int]]
) -> None:
    entries = lived(persons, entered_on, steps)
    found = person_quarters(entries, entered_on, entered_on + timedelta(days=5000), HeadCountFor.RUNNING)
    brought: dict[int, int] = {}
    for entry in entries:
        if entry.change.happened in {Happened.ARRIVED, Happened.BORN, Happened.CORRECTED}:
            brought[entry.cohort] = brought.get(entry.cohort, 0) + max(0, entry.change.persons)
    for cohort, came in brought.items():
        lines = [line for line in found.trace if line.cohort == cohort]
        assert sum(line.counted for line in lines) <= 8 * came
        assert all(line.persons > 0 for line in lines)
        for day in {line.day for line in lines}:
            assert sum(line.counted for line in lines if line.day == day) <= came
    assert sum(found.persons.values()) == sum(line.counted for line in found.trace)


@given(st.integers(1, 8), DAYS, STEPS)
def test_moves_between_towns_change_where_and_never_how_many(
    persons: int, entered_on: date, steps: list[tuple[str, int, int, int, int]]
) -> None:
    only = [("moved", *step[1:]) for step in steps]
    entries = lived(persons, entered_on, only)
    found = person_quarters(entries, entered_on, entered_on + timedelta(days=1500), HeadCountFor.RUNNING)
    assert sum(found.persons.values()) == 8 * persons


@given(st.integers(1, 8), DAYS, STEPS, st.randoms())
def test_the_order_in_which_entries_are_read_changes_nothing(
    persons: int, entered_on: date, steps: list[tuple[str, int, int, int, int]], random: "object"
) -> None:
    entries = lived(persons, entered_on, steps)
    shuffled = entries.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    last = entered_on + timedelta(days=3000)
    assert person_quarters(shuffled, entered_on, last, HeadCountFor.RUNNING) == person_quarters(
        entries, entered_on, last, HeadCountFor.RUNNING
    )


def test_households_do_not_mix() -> None:
    other = UUID(int=7)
    both = told(arrival(), presence.arrival(other, TOWNS[0], 2, arrived_on=ENTERED, entered_on=ENTERED))
    found = person_quarters(both, ENTERED, LAST, HeadCountFor.RUNNING)
    assert found.persons[Quarter(2026, 2), TOWNS[0]] == 6
    assert {line.household_id for line in found.trace} == {HOME, other}
