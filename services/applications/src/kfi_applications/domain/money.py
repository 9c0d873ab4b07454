"""Amounts of money: euro as Decimal, whole cents."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


def to_cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, half a cent rounded up (ROUND_HALF_UP)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def share_of(total: Decimal, rate: Decimal) -> Decimal:
    """The share of a total in whole cents: rounded once, half up; ``rate`` is a fraction (0.80 for 80 %)."""
    return to_cents(total * rate)


def in_euro(amount: Decimal) -> str:
    """The amount as a letter writes it: ``14.400,00 Euro``."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) + " Euro"
