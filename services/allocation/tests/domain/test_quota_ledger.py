"""What steps of households mean for the account: added, never changed, and in sum what really happened."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.allocation.tests.accounts import POLICY, TOWNS, account, series

from kfi_allocation.domain import quota_ledger
from kfi_allocation.domain.account.document import account_from, as_document, policy_from
from kfi_allocation.domain.account.entries import Booking, Entry
from kfi_allocation.domain.account.statement import Account, statement
from kfi_allocation.domain.quota_ledger import PLACED, BookedBecause, NewEntry, left_of
from kfi_allocation.domain.refusals import BookingNotPossible

FIRST = date(2026, 3, 2)
HOME = uuid4()
WITH_PLACED = POLICY | {"credits": [{"name": PLACED, "months": None}]}


class Ledger:
    """Entries in their order, numbered as the database numbers them."""

    def __init__(self) -> None:
        self.of: dict[UUID, list[Booking]] = defaultdict(list)
        self.all: list[Booking] = []

    def book(self, home: UUID, entries: list[NewEntry]) -> None:
        for one in entries:
            quota_ledger.must_fit(self.of[home], one)
            booking = Booking(
                len(self.all) + 1, one.ags, one.on, one.kind, one.persons, one.credit, one.until, one.corrects
            )
            self.all.append(booking)
            self.of[home].append(booking)

    def account(self, on: date, policy: dict[str, Any] = WITH_PLACED, announced: int = 0) -> Account:
        document = account(
            series=[series("population", 600, 300, 100, 50)], policies=[policy], as_of=on.isoformat(),
            announced=announced, policy=policy["version"],
        )  # fmt: skip
        return account_from(as_document(replace(account_from(document), bookings=tuple(self.all))))


def test_who_is_placed_counts_at_once_and_once_after_the_arrival() -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.placed(ledger.of[HOME], HOME, "010", 4, FIRST))
    assert statement(ledger.account(FIRST)).lines["010"].counted == 4
    ledger.book(HOME, quota_ledger.arrived(ledger.of[HOME], HOME, "010", 4, FIRST + timedelta(days=9)))
    counted = [statement(ledger.account(FIRST + timedelta(days=day))).lines["010"].counted for day in (0, 8, 9, 99)]
    assert counted == [4, 4, 4, 4]


def test_a_policy_without_the_credit_counts_the_arrival_alone() -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.placed(ledger.of[HOME], HOME, "010", 4, FIRST))
    ledger.book(HOME, quota_ledger.arrived(ledger.of[HOME], HOME, "010", 3, FIRST + timedelta(days=9)))
    counted = [statement(ledger.account(FIRST + timedelta(days=day), POLICY)).lines["010"].counted for day in (0, 9)]
    assert counted == [0, 3]


def test_the_same_placement_twice_is_booked_once_and_another_town_takes_it_over() -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.placed(ledger.of[HOME], HOME, "010", 4, FIRST))
    assert quota_ledger.placed(ledger.of[HOME], HOME, "010", 4, FIRST) == []
    ledger.book(HOME, quota_ledger.placed(ledger.of[HOME], HOME, "020", 4, FIRST))
    ledger.book(HOME, quota_ledger.will_not_come(ledger.of[HOME], HOME, FIRST))
    assert left_of(ledger.of[HOME]) == []
    assert [(one.ags, one.persons) for one in ledger.all] == [("010", 4), ("010", -4), ("020", 4), ("020", -4)]


def test_who_moves_takes_the_intake_along_where_the_policy_says_so() -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.arrived([], HOME, "010", 5, FIRST))
    ledger.book(HOME, quota_ledger.moved(ledger.of[HOME], HOME, "010", "020", 2, FIRST))
    lines = statement(ledger.account(FIRST)).lines
    assert (lines["010"].counted, lines["020"].counted) == (3, 2)
    assert quota_ledger.moved(ledger.of[HOME], HOME, "030", "020", 2, FIRST) == []


def test_another_figure_corrects_the_arrival_and_never_below_nobody() -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.arrived([], HOME, "010", 5, FIRST))
    ledger.book(HOME, quota_ledger.another_figure(ledger.of[HOME], HOME, "010", -2, FIRST))
    assert statement(ledger.account(FIRST)).lines["010"].counted == 3
    with pytest.raises(BookingNotPossible, match="Only 3 persons"):
        quota_ledger.another_figure(ledger.of[HOME], HOME, "010", -4, FIRST)
    with pytest.raises(BookingNotPossible, match="received nobody"):
        quota_ledger.another_figure([], HOME, "010", 1, FIRST)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"corrects": 9}, "no such intake"), ({"ags": "020"}, "no such intake"), ({"corrects": 2}, "no such intake"),
        ({"persons": -5}, "Only 4 persons"), ({"on": FIRST - timedelta(days=1)}, "before what it corrects"),
    ],
)  # fmt: skip
def test_a_correction_meets_an_earlier_entry_of_its_town(entry: dict[str, Any], words: str) -> None:
    ledger = Ledger()
    ledger.book(HOME, [NewEntry("010", FIRST, Entry.INTAKE, 5, BookedBecause.ARRIVED)])
    one = NewEntry("010", FIRST, Entry.CORRECTION, -1, BookedBecause.MISTAKE, corrects=1)
    ledger.book(HOME, [one])
    with pytest.raises(BookingNotPossible, match=words):
        quota_ledger.must_fit(ledger.of[HOME], replace(one, **entry))


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4), st.sampled_from(["placed", "lost", "arrived", "moved"]), st.sampled_from(TOWNS),
        st.integers(1, 9), st.integers(0, 30),
    ),
    max_size=30,
)  # fmt: skip


@given(STEPS, st.integers(0, 500))
def test_whatever_happens_the_account_counts_who_was_placed_or_came_once(
    steps: list[tuple[int, str, str, int, int]], announced: int
) -> None:
    """The sum of the ledger is that of a plain model; targets sum to the announced; the document reads back."""
    ledger, homes, model = Ledger(), [UUID(int=number) for number in range(5)], dict[UUID, tuple[str, int, bool]]()
    for number, what, ags, persons, day in sorted(steps, key=lambda step: step[4]):
        home, on = homes[number], FIRST + timedelta(days=day)
        _take(ledger, model, home, what, ags, persons, on)
    found = statement(ledger.account(FIRST + timedelta(days=60), announced=announced))
    expected = dict.fromkeys(TOWNS, 0)
    for ags, persons, _ in model.values():
        expected[ags] += persons
    assert {ags: line.counted for ags, line in found.lines.items()} == expected
    assert sum(line.target for line in found.lines.values()) == announced
    assert sum(line.target_hundredths for line in found.lines.values()) == 100 * announced
    assert [one.number for one in ledger.all] == list(range(1, len(ledger.all) + 1))


def _take(
    ledger: Ledger, model: dict[UUID, tuple[str, int, bool]], home: UUID, what: str, ags: str, persons: int, on: date
) -> None:
    history, (town, there, has_come) = ledger.of[home], model.get(home, ("", 0, False))
    if what == "placed" and not has_come:
        ledger.book(home, quota_ledger.placed(history, home, ags, persons, on))
        model[home] = (ags, persons, False)
    if what == "lost" and town and not has_come:
        ledger.book(home, quota_ledger.will_not_come(history, home, on))
        del model[home]
    if what == "arrived" and town and not has_come:
        ledger.book(home, quota_ledger.arrived(history, home, town, persons, on))
        model[home] = (town, persons, True)
    if what == "moved" and has_come and ags != town:
        ledger.book(home, quota_ledger.moved(history, home, town, ags, there, on))
        model[home] = (ags, there, True)


@given(st.lists(st.integers(-9, 9), max_size=20))
def test_corrections_never_leave_less_than_nobody(changes: list[int]) -> None:
    ledger = Ledger()
    ledger.book(HOME, quota_ledger.arrived([], HOME, "010", 6, FIRST))
    for change in changes:
        try:
            ledger.book(HOME, quota_ledger.another_figure(ledger.of[HOME], HOME, "010", change, FIRST))
        except BookingNotPossible:
            assert sum(one.persons for one in ledger.all) + change < 0 or not left_of(ledger.all)
    assert statement(ledger.account(FIRST)).lines["010"].counted == sum(one.persons for one in ledger.all) >= 0


def test_the_policy_of_these_tests_is_read_by_the_offline_command() -> None:
    assert set(policy_from(WITH_PLACED).credits) == {PLACED}
