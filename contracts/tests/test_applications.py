from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kfi_contracts.applications import DecisionMade, Outcome, YearAmount
from kfi_contracts.examples import EVENT_EXAMPLES

GRANTED = EVENT_EXAMPLES[DecisionMade]["granted"]
amounts = st.decimals("0.01", "9999999.99", places=2)


def decision(**changes: Any) -> DecisionMade:
    return DecisionMade.model_validate({**dict(GRANTED), **changes})


@given(st.lists(amounts, min_size=1, max_size=5))
def test_a_decision_whose_years_add_up_is_read_back_equal(parts: list[Decimal]) -> None:
    years = tuple(YearAmount(year=2026 + index, amount=part) for index, part in enumerate(parts))
    made = decision(years=years, granted_amount=sum(parts, Decimal(0)))
    assert DecisionMade.read(made.model_dump_json().encode()) == made


@given(amounts, amounts)
def test_a_decision_whose_years_do_not_add_up_is_refused(granted: Decimal, difference: Decimal) -> None:
    years = (YearAmount(year=2026, amount=granted + difference),)
    with pytest.raises(ValidationError, match="do not add up"):
        decision(years=years, granted_amount=granted)


def test_a_rejection_grants_nothing() -> None:
    with pytest.raises(ValidationError, match="a rejection nothing"):
        decision(outcome=Outcome.REJECTED)


@pytest.mark.parametrize("outcome", [Outcome.GRANTED, Outcome.GRANTED_IN_PART])
def test_a_grant_grants_something(outcome: Outcome) -> None:
    with pytest.raises(ValidationError, match="grants something"):
        decision(outcome=outcome, years=(), granted_amount=Decimal("0.00"))
