"""How dates, amounts and shares are written in a German letter (DIN 5008)."""

from datetime import date
from decimal import Decimal
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


def _grouped(number: Decimal, *, places: int) -> str:
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))
