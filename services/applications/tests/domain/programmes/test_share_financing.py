"""Share financing: worked cases of several programmes, and what holds for any input."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.programmes.share_financing import grant_by_share, settle
from kfi_law.parameters import Parameter

GUIDELINE = Parameter(
    key="a.guideline", value="a guideline", valid_from=date(2026, 1, 1), paragraph="Nr. 2.2", source="test"
)
MONEY = st.decimals(min_value=0, max_value=10_000_000, places=2)
HALF_A_CENT = Decimal("0.005")


def parameter(value: Decimal | str) -> Parameter:
    return Parameter(key="a.key", value=value, valid_from=date(2026, 1, 1), paragraph="Nr. 2.2", source="a test")


GUIDELINE = parameter("a guideline")


@pytest.mark.parametrize(
    ("case", "eligible", "at", "cap", "requested", "grant", "remainder"),
    [
        ("F8a", "101748.80", "0.90", None, "101748.80", "91573.92", "10174.88"),
        ("F8b", "142947.48", "0.90", None, "142947.48", "128652.73", "14294.75"),
        ("F9a", "22000.00", "0.80", "20000.00", "22000.00", "17600.00", "4400.00"),
        ("F9b", "25000.00", "0.80", "20000.00", "25000.00", "20000.00", "5000.00"),
        ("F9c", "30000.00", "0.80", "20000.00", "30000.00", "20000.00", "10000.00"),
        ("F14a", "12345.67", "0.90", None, "11500.00", "11111.10", "1234.57"),
        ("F12a", "18000.00", "0.80", "50000.00", "14400.00", "14400.00", "3600.00"),
        ("half a cent is rounded up", "0.05", "0.90", None, "1.00", "0.05", "0.00"),
    ],
)
def test_the_worked_cases_come_out_to_the_cent(
    case: str, eligible: str, at: str, cap: str | None, requested: str, grant: str, remainder: str
) -> None:
    share = grant_by_share(
        eligible_total=Decimal(eligible),
        requested=Decimal(requested),
        rate=parameter(Decimal(at)),
        guideline=GUIDELINE,
        cap=Decimal(cap) if cap else None,
    )
    assert (share.grant.value, share.remainder.value) == (Decimal(grant), Decimal(remainder)), case


def test_f18a_the_final_grant_keeps_the_planned_proportion() -> None:
    settlement = settle(
        eligible_total=Decimal("20000.00"),
        grant=Decimal("16000.00"),
        actual_total=Decimal("17350.40"),
        paid_out=Decimal("16000.00"),
        guideline=GUIDELINE,
    )
    assert settlement.final_grant.value == Decimal("13880.32")
    assert settlement.repayment.value == Decimal("2119.68")


@given(eligible=MONEY, requested=MONEY, cap=st.none() | MONEY, percent=st.integers(1, 100))
def test_a_grant_never_exceeds_rate_cap_or_request_and_adds_up(
    eligible: Decimal, requested: Decimal, cap: Decimal | None, percent: int
) -> None:
    share = grant_by_share(
        eligible_total=eligible,
        requested=requested,
        rate=parameter(Decimal(percent) / 100),
        guideline=GUIDELINE,
        cap=cap,
    )
    exact = eligible * percent / 100
    assert Decimal(0) <= share.grant.value <= requested
    assert share.grant.value <= exact + HALF_A_CENT
    assert cap is None or share.grant.value <= cap
    assert share.grant.value + share.remainder.value == eligible
    assert share.grant.value in {requested, cap, share.highest_share.value}


@given(planned=MONEY.filter(lambda amount: amount > 0), granted=st.integers(0, 100), actual=MONEY)
def test_a_settlement_gives_back_what_it_does_not_keep(planned: Decimal, granted: int, actual: Decimal) -> None:
    grant = (planned * granted / 100).quantize(Decimal("0.01"))
    settlement = settle(eligible_total=planned, grant=grant, actual_total=actual, paid_out=grant, guideline=GUIDELINE)
    assert Decimal(0) <= settlement.final_grant.value <= grant
    assert settlement.final_grant.value + settlement.repayment.value == grant
    assert actual < planned or settlement.repayment.value == 0
