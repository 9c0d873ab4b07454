"""How dates, amounts, shares and figures are written in a German letter (DIN 5008)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

MONTHS: Final = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def written_date(day: date) -> str:
    """Write a day as in "23. November 2026"; day and month stay on one line."""
    return f"{day.day}.{_NO_BREAK}{MONTHS[day.month - 1]} {day.year}"


def written_amount(amount: Decimal) -> str:
    """Write an amount of EUR as in "1.234,50 Euro"; number and currency stay on one line."""
    return f"{_grouped(amount, places=2)}{_NO_BREAK}Euro"


def written_percentage(percentage: Decimal) -> str:
    """Write per cent without idle zeros, as in "80 %" or "66,67 %"."""
    text = _grouped(percentage, places=2).removesuffix(",00")
    return f"{text}{_NO_BREAK}%"


def written_figure(figure: Fraction) -> str:
    """Write an exact figure as a mixed number, as in "53 1/3", with the sign of print; nothing of it is rounded."""
    whole, rest = divmod(abs(figure.numerator), figure.denominator)
    sign = "\N{MINUS SIGN}" if figure < 0 else ""
    part = f"{rest}/{figure.denominator}" if rest else ""
    shown = _grouped(Decimal(whole), places=0) if whole or not part else ""
    return sign + _NO_BREAK.join(each for each in (shown, part) if each)


def _grouped(number: Decimal, *, places: int) -> str:
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))
