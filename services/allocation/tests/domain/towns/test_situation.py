"""The situation of a town on a day, of what it said and of who is to come."""

import json
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.refusals import OfferNotFree, SettledAlready
from kfi_allocation.domain.towns.capacity import Capacity, capacity_on
from kfi_allocation.domain.towns.care import CareOffer
from kfi_allocation.domain.towns.flat import Flat, FlatStep, Size
from kfi_allocation.domain.towns.situation import Coming, Said, situation_of
from kfi_allocation.domain.towns.stop import RefusalReason, Stop, StopReason, StopStep

POLICY = policy_from(json.loads((Path(__file__).parents[3] / "examples" / "policy.json").read_text("utf-8")))
TODAY = date(2026, 11, 23)
AGS = "05515000"


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def capacity(number: int, persons: int, first: int = 0, last: int | None = None) -> Capacity:
    until = None if last is None else days(last)
    return Capacity(uuid4(), AGS, number, persons, days(first), until, TODAY, "town")


def stop(first: int = 0, last: int = 10) -> Stop:
    return Stop.ask(
        uuid4(), AGS, first_day=days(first), last_day=days(last), reason=StopReason.HOUSING, on=TODAY
    )  # fmt: skip


def flat(persons: int = 4, *, barrier_free: bool = False, free: int = 0) -> Flat:
    return Flat.offer(uuid4(), AGS, Size(persons, 80, barrier_free, days(free)), TODAY)


def test_the_last_statement_that_covers_the_day_holds() -> None:
    stated = [capacity(1, 30), capacity(2, 5, 3, 6)]
    assert [getattr(capacity_on(stated, days(day)), "persons", None) for day in (-1, 0, 3, 6, 7)] == [
        None, 30, 5, 5, 30,
    ]  # fmt: skip


def test_a_capacity_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(DateNotPossible):
        capacity(1, 3, 2, 1)


def test_a_capacity_is_used_up_by_all_who_were_placed_since_it_was_stated() -> None:
    coming = (Coming(days(-1), 4, arrived=False), Coming(days(0), 3, arrived=True), Coming(days(1), 5, arrived=False))
    assert situation_of(Said((capacity(1, 10),), coming=coming), days(2), POLICY).capacity_left == 2
    assert situation_of(Said((capacity(1, 6),), coming=coming), days(2), POLICY).capacity_left == 0


def test_of_a_town_that_stated_none_the_policys_is_used_up_by_those_to_come() -> None:
    coming = (Coming(days(-90), 30, arrived=True), Coming(days(0), 3, arrived=False))
    assert situation_of(Said(coming=coming), TODAY, POLICY).capacity_left == POLICY.unstated_capacity - 3


def test_only_an_approved_stop_counts_and_only_on_its_days() -> None:
    asked, approved, refused = stop(), stop(), stop()
    approved.approve(by="person-8", on=TODAY)
    refused.refuse(by="person-8", on=TODAY, because=RefusalReason.NOT_SUBSTANTIATED)
    assert not situation_of(Said(stops=(asked, refused)), TODAY, POLICY).stopped
    assert [situation_of(Said(stops=(approved,)), days(day), POLICY).stopped for day in (-1, 0, 10, 11)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_stop_ends_when_the_town_takes_people_again_and_what_was_only_asked_never_counted() -> None:
    approved, asked = stop(), stop()
    approved.approve(by="person-8", on=TODAY)
    for one in (approved, asked):
        one.end(days(4))
    assert [approved.counts_on(days(day)) for day in (0, 3, 4)] == [True, True, False]
    assert not asked.counts_on(TODAY)
    with pytest.raises(SettledAlready):
        approved.end(days(5))


def test_a_stop_is_decided_once_by_a_planner() -> None:
    one = stop()
    assert one.allowed(decides=True) == (StopStep.APPROVE, StopStep.REFUSE)
    assert one.allowed(decides=False) == (StopStep.END,)
    one.approve(by="person-8", on=TODAY)
    with pytest.raises(SettledAlready):
        one.refuse(by="person-8", on=TODAY, because=RefusalReason.TOO_LONG)
    assert (one.allowed(decides=True), one.allowed(decides=False)) == ((), (StopStep.END,))


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-9, -1)])
def test_a_stop_without_a_day_to_come_is_none(first: int, last: int) -> None:
    with pytest.raises(DateNotPossible):
        stop(first, last)


def test_flats_offer_what_households_need_when_they_are_free_at_the_arrival() -> None:
    large, accessible, late = flat(7), flat(2, barrier_free=True), flat(9, barrier_free=True, free=POLICY.lead_days + 1)
    assert situation_of(Said(flats=(large,)), TODAY, POLICY).offers == {"large_home"}
    assert situation_of(Said(flats=(accessible,)), TODAY, POLICY).offers == {"accessible"}
    assert situation_of(Said(flats=(late,)), TODAY, POLICY).offers == frozenset()
    large.reserve(uuid4())
    accessible.withdraw()
    assert situation_of(Said(flats=(large, accessible)), TODAY, POLICY).offers == frozenset()


def test_a_flat_is_reserved_for_one_household() -> None:
    one, household = flat(), uuid4()
    one.reserve(household)
    with pytest.raises(OfferNotFree):
        one.reserve(uuid4())
    with pytest.raises(OfferNotFree):
        one.correct(Size(2, 40, True, TODAY))
    one.withdraw()
    assert (one.household_id, one.allowed()) == (household, ())


def test_a_flat_is_free_again_after_its_release_and_gone_when_it_is_taken() -> None:
    one = flat()
    one.reserve(uuid4())
    one.release()
    assert (one.household_id, one.allowed()) == (None, (FlatStep.CORRECT, FlatStep.RESERVE, FlatStep.WITHDRAW))
    one.reserve(uuid4())
    one.take()
    assert one.allowed() == ()


def test_care_counts_on_its_days_until_it_is_withdrawn() -> None:
    care = CareOffer(uuid4(), AGS, "language:uk", days(0), days(5), TODAY)
    assert [care.holds_on(days(day)) for day in (-1, 0, 5, 6)] == [False, True, True, False]
    care.withdraw(days(2))
    assert [care.holds_on(days(day)) for day in (1, 2)] == [True, False]
    with pytest.raises(SettledAlready):
        care.withdraw(days(3))


@given(st.integers(0, 500), st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 40), st.booleans()), max_size=9))
def test_what_is_left_is_never_below_nothing_nor_above_what_was_stated(
    persons: int, coming: list[tuple[int, int, bool]]
) -> None:
    placed = tuple(Coming(days(day), number, arrived=there) for day, number, there in coming)
    assert 0 <= situation_of(Said((capacity(1, persons),), coming=placed), TODAY, POLICY).capacity_left <= persons
