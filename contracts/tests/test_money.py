from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kfi_contracts.money import Money

MONEY = TypeAdapter(Money)
cents = st.integers(0, 10**15 - 1)


@given(cents)
def test_an_amount_is_exact_through_json_and_back(cent: int) -> None:
    amount = Decimal(cent) / 100
    assert MONEY.validate_json(MONEY.dump_json(amount)) == amount
    assert MONEY.dump_json(MONEY.validate_python(amount)) == f'"{cent // 100}.{cent % 100:02}"'.encode()


@given(cents, cents)
def test_amounts_of_equal_value_are_written_the_same(left: int, right: int) -> None:
    written = [MONEY.dump_json(MONEY.validate_python(Decimal(cent).scaleb(-2))) for cent in (left, right)]
    assert (written[0] == written[1]) == (left == right)


@pytest.mark.parametrize("amount", ["5", "5.5", "0", "-0", "-0.00", "1E+3", "5.5000"])
def test_a_decimal_is_written_with_exactly_two_places(amount: str) -> None:
    written = MONEY.dump_json(MONEY.validate_python(Decimal(amount))).decode().strip('"')
    assert Decimal(written) == Decimal(amount)
    assert written.partition(".")[2].isdigit()
    assert len(written.partition(".")[2]) == 2
    assert not written.startswith("-")


@pytest.mark.parametrize(
    "value",
    [
        1234.5,
        1234,
        True,
        None,
        Decimal("0.001"),
        Decimal("-0.01"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal(10**13),
    ],
)
def test_what_is_no_exact_amount_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_python(value)


@pytest.mark.parametrize(
    "text", ["1234", "1234.5", "1.234,50", "-1.00", "01.00", "1e3", " 1.00", "1.00\n", "1.000", "\u0661.00"]
)
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_python(text)


@pytest.mark.parametrize("number", [b"1234.50", b"1234"])
def test_a_json_number_is_no_amount(number: bytes) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_json(number)
