from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from services.allocation.tests.accounts import (
    WITH_AREA,
    account,
    accounts,
    correction,
    credit,
    intake,
    series,
)  # fmt: skip

from kfi_allocation.domain.account.document import account_from, as_document
from kfi_allocation.domain.account.key import shares
from kfi_allocation.domain.account.policy import AccountNotComputable
from kfi_allocation.domain.account.questions import extract, supposed
from kfi_allocation.domain.account.statement import Line, statement
from kfi_allocation.domain.account.target import in_hundredths


def line(document: dict[str, Any], ags: str, version: str | None = None) -> Line:
    return statement(account_from(document), version).lines[ags]


def test_duty_and_fulfilment_go_by_the_share_of_the_population() -> None:
    found = line(account(intake("010", 30), intake("020", 70)), "020")
    assert (found.key, found.duty, found.fulfilment) == (Fraction(3, 10), 30, Fraction(7, 3))


def test_the_towns_least_fulfilled_are_filled_up_first() -> None:
    lines = statement(account_from(account(intake("010", 60), intake("020", 30), announced=10))).lines
    assert [lines[ags].target for ags in ("010", "020", "030")] == [0, 0, 10]
    lines = statement(account_from(account(intake("010", 60), announced=20))).lines
    assert [lines[ags].target for ags in ("010", "020", "030")] == [0, 15, 5]


def test_the_gain_from_area_is_capped_and_the_others_carry_the_rest() -> None:
    read = account_from(account())
    key = shares(read.policy("with-area").key, read.series)
    # mixed 0.55, 0.29, 0.16; the third may have 1.25 * 0.1; what is above is spread by 55 : 29
    assert key == {
        "010": Fraction(7, 8) * Fraction(55, 84),
        "020": Fraction(7, 8) * Fraction(29, 84),
        "030": Fraction(1, 8),
    }


def test_a_credit_counts_to_the_last_day_of_its_window_and_no_longer() -> None:
    document = account(credit("010", 5, "short", "2024-11-23"))
    assert line(document, "010").counted == 5
    assert line(document | {"as_of": "2026-11-24"}, "010").counted == 0
    assert line(account(credit("010", 5, "lasting", "2010-01-01")), "010").counted == 5
    assert line(account(credit("010", 5, "lasting", "2010-01-01", until="2026-11-22")), "010").counted == 0


def test_a_credit_the_policy_does_not_know_counts_nothing_and_says_so() -> None:
    found = statement(account_from(account(credit("010", 5, "other", "2026-01-01"))))
    assert [(entry.persons, entry.why) for entry in found.entries] == [(0, "the policy test knows no credit other")]


def test_intake_before_the_policy_counts_is_told_and_a_later_entry_waits() -> None:
    found = statement(account_from(account(intake("010", 5, "2021-12-31"), intake("010", 5, "2026-11-24"))))
    assert [entry.why for entry in found.entries] == [
        "intake counts from 2022-01-01",
        "later than the day of the account",
    ]


def test_a_correction_is_an_entry_that_counts_as_long_as_what_it_corrects() -> None:
    document = account(credit("010", 5, "short", "2024-11-23"), correction("010", -2, 1))
    assert line(document, "010").counted == 3
    assert line(document | {"as_of": "2026-11-24"}, "010").counted == 0


def test_corrections_that_leave_less_than_nobody_are_told() -> None:
    with pytest.raises(AccountNotComputable, match="010"):
        statement(account_from(account(intake("010", 1), correction("010", -2, 1))))


def test_a_series_that_sums_to_nothing_is_told() -> None:
    with pytest.raises(AccountNotComputable, match="population"):
        statement(account_from(account(series=[series("population", 0, 0, 0), series("area", 1, 1, 1)])))


@pytest.mark.parametrize("switch", [True, False])
def test_a_town_at_100_percent_is_closed_by_the_switch_alone(switch: bool) -> None:
    policy = WITH_AREA | {"version": "test", "stop_at_full": switch}
    document = account(intake("030", 90), announced=10, policies=[policy])
    lines = statement(account_from(document)).lines
    assert [lines[ags].closed for ags in ("010", "020", "030")] == [False, False, switch]


@given(accounts())
@settings(deadline=None)
def test_the_figures_of_every_account_add_up_exactly(document: dict[str, Any]) -> None:
    read = account_from(document)
    found = statement(read)
    lines = found.lines.values()
    assert sum(one.key for one in lines) == 1
    assert sum(one.target for one in lines) == read.announced
    assert sum(one.target_hundredths for one in lines) == 100 * read.announced
    assert all(abs(one.target_hundredths - 100 * one.target) < 1 for one in lines)
    assert (
        sum(one.duty for one in lines)
        == found.persons + read.announced
        == sum(one.counted for one in lines) + read.announced
    )
    assert all(one.target == 0 for one in lines if one.counted >= one.duty)


@given(accounts())
@settings(deadline=None)
def test_who_gets_persons_ends_at_one_level_and_nobody_else_is_below_it(document: dict[str, Any]) -> None:
    read = account_from(document)
    lines = statement(read).lines.values()
    levels = {(one.counted + one.target) / one.key for one in lines if one.target}
    assert len(levels) == (1 if read.announced else 0)
    assert all(one.counted / one.key >= level for level in levels for one in lines if not one.target)


@given(accounts())
@settings(deadline=None)
def test_no_town_gains_more_by_area_than_the_cap(document: dict[str, Any]) -> None:
    read = account_from(document)
    plain, capped = (shares(read.policy(version).key, read.series) for version in ("test", "with-area"))
    assert all(capped[ags] <= Fraction(5, 4) * plain[ags] for ags in plain)


@given(accounts())
@settings(deadline=None)
def test_a_town_recomputes_its_account_from_its_part_and_sees_no_entry_of_another(document: dict[str, Any]) -> None:
    read = account_from(document)
    for ags in read.towns:
        part = account_from(as_document(extract(read, ags)))
        assert statement(part).lines == statement(read).lines
        assert {booking.ags for booking in part.bookings} <= {ags}
        assert part.bookings == tuple(booking for booking in read.bookings if booking.ags == ags)


@given(accounts())
@settings(deadline=None)
def test_a_written_account_is_read_as_it_was(document: dict[str, Any]) -> None:
    read = account_from(document)
    assert account_from(as_document(read)) == read


def test_what_if_changes_a_copy_alone() -> None:
    read = account_from(account(intake("010", 30), intake("020", 70)))
    changed = supposed(read, announced=50, intake={"030": 20})
    assert statement(changed).lines["030"].counted == 20
    assert statement(changed).lines["010"].target == 50
    assert statement(read).lines["030"].counted == 0


def test_published_sums_are_not_taken_for_another_day() -> None:
    part = extract(account_from(account(intake("010", 30))), "020")
    with pytest.raises(AccountNotComputable, match="2026-11-23"):
        supposed(part, as_of=date(2027, 1, 1))


def test_hundredths_go_to_the_largest_remainders_and_ties_by_ags() -> None:
    thirds = {ags: Fraction(1, 3) for ags in ("030", "010", "020")}
    assert in_hundredths(thirds, 1) == {"030": 33, "010": 34, "020": 33}
