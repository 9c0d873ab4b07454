"""What a list changes is found against what is known, and the same list changes nothing."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.allocation.tests.arrival_lists import csv_of, person, read

from kfi_allocation.domain.arrivals.arrival_list import (
    ArrivalList,
    CancellationsNotConfirmed,
    Done,
    Found,
    ListAction,
    ListNotWhole,
    ListState,
)
from kfi_allocation.domain.arrivals.difference import Difference, Outcome, change_of
from kfi_allocation.domain.arrivals.gathering import Said
from kfi_allocation.domain.arrivals.mapping import Encoding, Separator
from kfi_allocation.domain.errors import NotInThisState
from kfi_allocation.domain.household import FACTS, Announcement, Household

DAY = date(2026, 11, 23)
HEADINGS = st.sampled_from(["Charter", "Wunschort 1", "Rollstuhl", "Sprachen", "Vorname", "Straße", "Ankunft"])
VALUES = {
    "Charter": "C-1", "Wunschort 1": "Hagen", "Rollstuhl": "ja", "Sprachen": "Dari", "Vorname": "Neu",
    "Straße": "Neue", "Ankunft": "01.12.2026",
}  # fmt: skip
FIELDS = {
    "Charter": "charter", "Wunschort 1": "wishes", "Rollstuhl": "needs", "Sprachen": "languages",
    "Vorname": "members", "Straße": "contact", "Ankunft": "arrival_on",
}  # fmt: skip


def said_by(*rows: dict[str, str]) -> Announcement:
    _, (home,) = read(csv_of(list(rows)))
    assert home.announced is not None
    return home.announced


def known(said: Announcement) -> Household:
    return Household.announced(uuid4(), said, list_id=uuid4(), source="bamf", on=DAY)


@given(st.sets(HEADINGS))
def test_exactly_what_is_said_otherwise_is_changed_and_a_second_time_nothing(headings: set[str]) -> None:
    household = known(said_by(person()))
    said = said_by(person(**{heading: VALUES[heading] for heading in headings}))
    change = change_of(household, said, cancelled=False)
    assert set(change.fields) == {FIELDS[heading] for heading in headings}
    assert change.difference is (Difference.AMENDED if headings else Difference.UNCHANGED)
    amended = household.amended(said)
    assert change_of(amended, said, cancelled=False).difference is Difference.UNCHANGED
    assert (amended.id, amended.list_id, amended.version) == (household.id, household.list_id, 2)


def test_what_changes_of_persons_is_named_and_not_shown() -> None:
    change = change_of(known(said_by(person())), said_by(person(Vorname="Neu", Charter="C-1")), cancelled=False)
    assert change.fields == {"charter": (None, "C-1"), "members": (None, None)}


def test_a_list_can_cancel_only_whom_somebody_knows() -> None:
    assert change_of(known(said_by(person())), None, cancelled=True).difference is Difference.CANCELLED
    assert change_of(None, None, cancelled=True).difference is Difference.UNCHANGED
    assert change_of(None, said_by(person()), cancelled=False).difference is Difference.ADDED
    assert change_of(known(said_by(person())), None, cancelled=False).difference is Difference.BAD


def test_an_erased_household_has_neither_persons_nor_needs() -> None:
    erased = known(said_by(person(Rollstuhl="ja", **{"Angehörige in": "Hagen"}))).erased(DAY)
    assert (erased.members, erased.needs, erased.relatives_in, erased.erased_on) == ((), frozenset(), None, DAY)
    assert erased.contact.empty
    assert {name for name in FACTS if getattr(erased, name)} == {"reference", "group", "persons", "adults", "contact"}


def test_a_list_goes_its_way_and_only_a_planner_puts_it_in_force() -> None:
    read_list = _list(found=Found(households=2, added=2)).read(whole=True)
    assert (read_list.state, read_list.actions) == (ListState.READ, (ListAction.IMPORT, ListAction.DISCARD))
    ordered = read_list.ordered(cancellations=0, although_not_whole=False)
    with pytest.raises(NotInThisState):
        ordered.ordered(cancellations=0, although_not_whole=False)
    with pytest.raises(NotInThisState):
        ordered.discarded(DAY)
    imported = ordered.imported(DAY)
    assert (imported.state, imported.actions, imported.version) == (ListState.IMPORTED, (ListAction.CORRECT,), 4)


def test_cancellations_and_missing_rows_are_confirmed_before_anything_is_in_force() -> None:
    cancels = _list(found=Found(households=2, cancelled=3)).read(whole=True)
    for confirmed in (0, 2, 4):
        with pytest.raises(CancellationsNotConfirmed):
            cancels.ordered(cancellations=confirmed, although_not_whole=False)
    assert cancels.ordered(cancellations=3, although_not_whole=False).state is ListState.IMPORTING
    half = _list(found=Found(households=2)).read(whole=False)
    with pytest.raises(ListNotWhole):
        half.ordered(cancellations=0, although_not_whole=False)
    assert half.ordered(cancellations=0, although_not_whole=True).state is ListState.IMPORTING


def test_a_list_without_a_household_can_only_be_discarded() -> None:
    unreadable = _list(found=Found(rows=3, errors=3)).read(whole=False)
    assert (unreadable.state, unreadable.actions) == (ListState.UNREADABLE, (ListAction.DISCARD,))


@given(st.lists(st.sampled_from(list(Outcome))))
def test_every_household_that_was_dealt_with_is_counted_once(outcomes: list[Outcome]) -> None:
    done = Done()
    for outcome in outcomes:
        done = done.counting(outcome)
    assert done.total == len(outcomes)


def _list(**values: Any) -> ArrivalList:
    list_id = uuid4()
    return ArrivalList(
        list_id, list_id, "bamf", "example-persons", {}, "text/csv", Encoding.UTF_8, Separator.SEMICOLON, Said(), 1,
        "0" * 64, "0" * 64, "person-a", DAY, **values,
    )  # fmt: skip
