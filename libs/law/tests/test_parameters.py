import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kfi_law.errors import InconsistentTable, NoValueInForce, OnlyExpected
from kfi_law.parameters import Parameters

RATE = {
    "key": "mso.rate",
    "value": "0.80",
    "type": "decimal",
    "valid_from": "2023-01-01",
    "paragraph": "Richtlinie Nr. 5.4",
    "source": "call of 12 November 2024",
}
EXPECTED = {**RATE, "key": "mso.cap", "value": 50000, "valid_from": "2027-01-01", "status": "expected"}


def test_a_value_holds_from_its_first_to_its_last_day() -> None:
    old, new = {**RATE, "valid_to": "2024-12-31"}, {**RATE, "value": "0.75", "valid_from": "2025-01-01"}
    parameters = Parameters.from_records([new, old])
    assert parameters.value("mso.rate", date(2024, 12, 31), for_payment=True) == Decimal("0.80")
    assert parameters.value("mso.rate", date(2025, 1, 1), for_payment=True) == Decimal("0.75")


def test_an_expected_value_is_shown_but_never_paid_on() -> None:
    parameters = Parameters.from_records([EXPECTED])
    assert parameters.value("mso.cap", date(2027, 5, 1)) == 50000
    with pytest.raises(OnlyExpected, match=r"mso\.cap"):
        parameters.value("mso.cap", date(2027, 5, 1), for_payment=True)


@pytest.mark.parametrize("for_payment", [True, False])
def test_a_day_without_a_value_is_told(for_payment: bool) -> None:
    parameters = Parameters.from_records([RATE])
    for key, on in (("mso.rate", date(2022, 12, 31)), ("unknown", date(2026, 1, 1))):
        with pytest.raises(NoValueInForce):
            parameters.value(key, on, for_payment=for_payment)


def test_the_row_gives_paragraph_source_and_version_for_the_trace() -> None:
    parameters = Parameters.from_records([RATE])
    row = parameters.get("mso.rate", date(2026, 1, 1), for_payment=True)
    assert (row.paragraph, row.source, row.version) == (RATE["paragraph"], RATE["source"], "mso.rate@2023-01-01")
    assert parameters.of_version(row.version) == row
    assert parameters.keys() == {"mso.rate"}


def test_records_come_as_toml_gives_them() -> None:
    text = """
    [[parameter]]
    key = "months"
    value = 6
    valid_from = 2023-01-01
    paragraph = "ANBest-P 6.1"
    source = "s"
    """
    parameters = Parameters.from_records(tomllib.loads(text)["parameter"])
    assert parameters.value("months", date(2026, 1, 1)) == 6


def test_text_is_text_unless_it_says_otherwise() -> None:
    text, number = {**RATE, "type": "text"}, {**RATE, "key": "n", "type": "integer", "value": "6"}
    parameters = Parameters.from_records([text, number])
    assert parameters.value("mso.rate", date(2026, 1, 1)) == "0.80"
    assert parameters.value("n", date(2026, 1, 1)) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": 0.8},
        {"value": True},
        {"value": "eighty"},
        {"value": "NaN"},
        {"value": "Infinity"},
        {"value": None},
        {"type": "float"},
        {"valid_from": "soon"},
        {"valid_from": datetime(2026, 1, 1, tzinfo=UTC)},
        {"status": "perhaps"},
        {"colour": "blue"},
    ],
)
def test_a_record_that_cannot_be_read_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InconsistentTable, match=r"mso\.rate"):
        Parameters.from_records([{**RATE, **wrong}])


@pytest.mark.parametrize("field", ["value", "valid_from", "paragraph", "source"])
def test_a_record_without_a_field_is_refused(field: str) -> None:
    with pytest.raises(InconsistentTable, match=field):
        Parameters.from_records([{name: value for name, value in RATE.items() if name != field}])


def test_two_values_on_one_day_are_refused() -> None:
    with pytest.raises(InconsistentTable, match="overlap"):
        Parameters.from_records([RATE, {**RATE, "valid_from": "2025-01-01"}])
