from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_law.dated import DatedRow, DatedTable, Status
from kfi_law.errors import InconsistentTable, NoValueInForce, OnlyExpected

START = date(2024, 1, 1)


def row(first: date, last: date | None = None, status: Status = Status.IN_FORCE) -> DatedRow:
    return DatedRow(key="k", valid_from=first, valid_to=last, paragraph="§ 1", source="s", status=status)


@given(st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=6), st.data())
def test_rows_that_follow_one_another_give_exactly_one_for_every_day(lengths: list[int], data: st.DataObject) -> None:
    rows, first = [], START
    for length in lengths:
        rows.append(row(first, first + timedelta(days=length - 1)))
        first += timedelta(days=length)
    table = DatedTable("t", data.draw(st.permutations(rows)))
    on = START + timedelta(days=data.draw(st.integers(min_value=0, max_value=sum(lengths) - 1)))
    assert [table.decisive("k", on)] == [r for r in rows if r.covers(on)]
    assert table.of_version(table.decisive("k", on).version) == table.decisive("k", on)


def test_first_and_last_day_are_covered_and_no_other() -> None:
    table = DatedTable("t", [row(START, date(2024, 1, 31))])
    assert table.shown("k", START) == table.shown("k", date(2024, 1, 31))
    for outside in (START - timedelta(days=1), date(2024, 2, 1)):
        with pytest.raises(NoValueInForce, match="add the dated row"):
            table.shown("k", outside)


@pytest.mark.parametrize("last", [None, date(2024, 6, 1)])
def test_two_rows_in_force_on_one_day_are_refused(last: date | None) -> None:
    with pytest.raises(InconsistentTable, match="overlap"):
        DatedTable("t", [row(START, last), row(date(2024, 6, 1))])


def test_an_expected_row_is_shown_but_never_decided_on() -> None:
    table = DatedTable("t", [row(START), row(date(2027, 1, 1), status=Status.EXPECTED)])
    assert table.decisive("k", date(2026, 12, 31)).status is Status.IN_FORCE
    assert table.shown("k", date(2027, 1, 1)).status is Status.EXPECTED
    with pytest.raises(OnlyExpected, match="only expected"):
        table.decisive("k", date(2027, 1, 1))


def test_a_trace_never_rests_on_an_expected_row() -> None:
    expected = row(START, status=Status.EXPECTED)
    with pytest.raises(NoValueInForce, match="in force"):
        DatedTable("t", [expected]).of_version(expected.version)


def test_the_newest_row_is_the_one_without_an_end() -> None:
    table = DatedTable("t", [row(START, date(2024, 12, 31)), row(date(2025, 1, 1))])
    assert table.newest("k").valid_from == date(2025, 1, 1)
    with pytest.raises(NoValueInForce, match="without an end"):
        DatedTable("t", [row(START, date(2024, 12, 31))]).newest("k")


@pytest.mark.parametrize(
    "wrong", [{"valid_to": date(2023, 12, 31)}, {"paragraph": ""}, {"source": ""}, {"key": ""}, {"status": "perhaps"}]
)
def test_a_row_without_its_basis_is_refused(wrong: dict[str, object]) -> None:
    good = {"key": "k", "valid_from": START, "paragraph": "§ 1", "source": "s"}
    with pytest.raises(InconsistentTable):
        DatedRow(**{**good, **wrong})  # type: ignore[arg-type]


def test_a_status_written_as_text_is_the_status() -> None:
    assert row(START, status="expected").status is Status.EXPECTED  # type: ignore[arg-type]
