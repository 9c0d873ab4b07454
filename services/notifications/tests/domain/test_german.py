from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from kfi_notifications.domain.german import written_amount, written_date, written_figure, written_percentage


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.00", "0,00"), ("7.50", "7,50"), ("1234.50", "1.234,50"), ("12345678901.00", "12.345.678.901,00")],
)
def test_an_amount_has_points_between_thousands_and_a_comma_before_cents(amount: str, text: str) -> None:
    assert written_amount(Decimal(amount)) == f"{text}\N{NO-BREAK SPACE}Euro"


def test_a_date_has_its_month_in_words_and_no_leading_zero() -> None:
    assert written_date(date(2026, 3, 9)) == "9.\N{NO-BREAK SPACE}März 2026"


@pytest.mark.parametrize(("share", "text"), [("80.00", "80"), ("66.67", "66,67"), ("0.50", "0,50"), ("100.00", "100")])
def test_a_percentage_has_no_idle_zeros(share: str, text: str) -> None:
    assert written_percentage(Decimal(share)) == f"{text}\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("figure", "text"),
    [("0", "0"), ("40", "40"), ("-400", "−400"), ("160/3", "53 1/3"), ("-1/3", "−1/3"), ("2000001/2", "1.000.000 1/2")],  # noqa: RUF001 - the sign of print
)
def test_an_exact_figure_is_never_rounded(figure: str, text: str) -> None:
    assert written_figure(Fraction(figure)) == text.replace(" ", "\N{NO-BREAK SPACE}")
