"""Amounts of money: exact, in euros, two decimals, never negative, never a float."""

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

AMOUNT_PATTERN: Final = r"^(0|[1-9][0-9]{0,12})\.[0-9]{2}$"
_CENT: Final = Decimal("0.01")
LIMIT: Final = Decimal(10) ** 13
"""No amount reaches this sum."""


def exact_amount(value: object) -> Decimal:
    """Accept a ``Decimal`` of at most two decimals, or its text ``"1234.50"``; the result has exactly two.

    Raises ``ValueError`` for anything else: floats and integers, exponents, separators, negative amounts, fractions of
    a cent (which are never rounded away), amounts of ten trillion or more.
    """
    if isinstance(value, str) and re.fullmatch(AMOUNT_PATTERN, value):
        return Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < LIMIT:
        raise ValueError("an amount is a decimal from 0.00 with two places, as text")
    if value != value.quantize(_CENT):
        raise ValueError("an amount has no fractions of a cent")
    return abs(value.quantize(_CENT))  # abs: a negative zero would be written as "-0.00"


Money = Annotated[
    Decimal,
    BeforeValidator(exact_amount),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": AMOUNT_PATTERN, "examples": ["1234.50"]}),
]
"""An amount in EUR; in JSON a text with two decimals."""
