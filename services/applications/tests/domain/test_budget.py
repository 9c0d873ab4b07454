"""The budget ledger: never more than the title has, all years or none."""

from decimal import Decimal
from uuid import uuid4

import pytest

from kfi_applications.domain.budget import Booking, BudgetPlan, BudgetTitle, BudgetYear, PlannedYear
from kfi_applications.domain.errors import BudgetExceeded, NotInBudget


@pytest.fixture
def title() -> BudgetTitle:
    """F20: 2026 has 30,000.00 free of its appropriation, 2027 50,000.00 of its commitment authorisation."""
    return BudgetTitle(
        uuid4(),
        "X",
        "Title X",
        {
            2026: BudgetYear(Decimal("500000.00"), reserved=Decimal("170000.00"), committed=Decimal("300000.00")),
            2027: BudgetYear(Decimal("0.00"), Decimal("200000.00"), committed=Decimal("150000.00")),
        },
    )


def test_f20a_the_last_cent_can_be_reserved(title: BudgetTitle) -> None:
    title.reserve(uuid4(), {2026: Decimal("30000.00")})
    assert title.years[2026].free == 0


def test_f20b_one_cent_too_much_is_refused(title: BudgetTitle) -> None:
    with pytest.raises(BudgetExceeded, match=r"30000\.00 EUR free in 2026"):
        title.reserve(uuid4(), {2026: Decimal("30000.01")})
    assert title.years[2026].free == Decimal("30000.00")


def test_f20c_all_years_are_booked_or_none(title: BudgetTitle) -> None:
    with pytest.raises(BudgetExceeded):
        title.reserve(uuid4(), {2026: Decimal("10000.00"), 2027: Decimal("50000.01")})
    assert (title.years[2026].free, title.years[2027].free) == (Decimal("30000.00"), Decimal("50000.00"))
    assert title.cases == {}


def test_a_signature_turns_the_reservation_into_a_commitment(title: BudgetTitle) -> None:
    case = uuid4()
    title.reserve(case, {2026: Decimal("30000.00")})
    title.commit(case)
    year = title.years[2026]
    assert (year.reserved, year.committed, year.free) == (Decimal("170000.00"), Decimal("330000.00"), 0)
    assert title.cases[case].booking is Booking.COMMITTED


def test_a_released_reservation_is_free_again(title: BudgetTitle) -> None:
    case = uuid4()
    title.reserve(case, {2026: Decimal("30000.00"), 2027: Decimal("1.00")})
    title.release(case)
    assert (title.years[2026].free, title.years[2027].free) == (Decimal("30000.00"), Decimal("50000.00"))


def test_a_year_the_title_does_not_have_is_refused(title: BudgetTitle) -> None:
    with pytest.raises(NotInBudget, match="no year 2031"):
        title.reserve(uuid4(), {2031: Decimal("1.00")})


def test_a_case_cannot_be_reserved_twice_nor_committed_without_reservation(title: BudgetTitle) -> None:
    case = uuid4()
    with pytest.raises(NotInBudget):
        title.commit(case)
    title.reserve(case, {2026: Decimal("1.00")})
    with pytest.raises(NotInBudget):
        title.reserve(case, {2026: Decimal("1.00")})
    title.commit(case)
    with pytest.raises(NotInBudget):
        title.release(case)


def plan_of(*years: PlannedYear) -> BudgetPlan:
    return BudgetPlan("Title X", years, "a test")


def test_a_year_may_be_planned_down_to_what_is_booked_and_no_cent_below(title: BudgetTitle) -> None:
    title.plan(plan_of(PlannedYear(2026, Decimal("400000.00"), Decimal("70000.00"))))
    assert title.years[2026].free == 0
    with pytest.raises(BudgetExceeded, match=r"470000\.00 EUR booked in 2026 already .*the plan has 469999\.99 EUR"):
        title.plan(plan_of(PlannedYear(2026, Decimal("469999.99"))))
    assert title.years[2026].limit == Decimal("470000.00")


def test_a_plan_is_taken_over_whole_or_not_at_all(title: BudgetTitle) -> None:
    with pytest.raises(BudgetExceeded):
        title.plan(plan_of(PlannedYear(2028, Decimal("5.00")), PlannedYear(2027, Decimal("1.00"))))
    assert 2028 not in title.years
    title.plan(plan_of(PlannedYear(2028, Decimal("5.00"))))
    assert (title.years[2028].free, title.years[2026].free) == (Decimal("5.00"), Decimal("30000.00"))
