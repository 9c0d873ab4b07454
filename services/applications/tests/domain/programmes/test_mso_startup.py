"""Assessing cases of the MSO Anschubförderung: worked cases by number, the age of an association, any finance plan."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.assessment import Financing, Result
from kfi_applications.domain.calls import Call
from kfi_applications.domain.case import Case, CostItem, FinancePlan, Project
from kfi_applications.domain.decision import Proposal, YearAmount
from kfi_applications.domain.errors import FactMissing, NotAllowedByAssessment, PlanDoesNotAddUp
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.programmes.programme import Actual
from kfi_applications.domain.programmes.registry import money_steps
from kfi_applications.domain.rules import Consequence
from kfi_law.recomputation import recompute

PROGRAMME = {programme.key: programme for programme in packaged_programmes()}["mso-anschub"]
MONEY = st.decimals(min_value=0, max_value=20_000, places=2)
AUTUMN = date(2024, 11, 20)
TWO_YEARS, FIVE_YEARS = date(2022, 6, 1), date(2024, 9, 1)
"""Days of which version of the rule on the age holds."""
StartupOf = Callable[..., Case]


def plan(costs: str, requested: str | None = None, *, own: str = "0.00", civic: str = "0.00") -> FinancePlan:
    cash, asked = Decimal(costs), Decimal(requested or costs)
    rest = cash - asked - Decimal(own)
    return FinancePlan((CostItem("Ausstattung", cash),), Decimal(civic), Decimal(own), rest, asked)


@pytest.fixture(scope="session")
def startup_of(case_of: Callable[..., Case], call_of: Callable[..., Call]) -> StartupOf:
    """A case in order: a year's costs of an association one and a half years old."""

    def startup(
        costs: FinancePlan | None = None,
        *,
        founded_on: date | None = date(2023, 5, 2),
        rules_as_of: date | None = None,
        filed_on: date = AUTUMN,
    ) -> Case:
        call = call_of(
            programme="mso-anschub", opens_on=date(2024, 9, 1), last_day=date(2024, 12, 22), cap=None,
            civic_work_basis=None, rules_as_of=rules_as_of,
        )  # fmt: skip
        case = case_of(call=call, finance_plan=costs or plan("4321.50"), filed_on=filed_on, assessed_on=filed_on)
        project = Project("Ein Verein beginnt", date(2025, 1, 1), date(2025, 12, 31))
        return replace(case, applicant=replace(case.applicant, founded_on=founded_on), project=project)

    return startup


def test_f11a_the_sum_of_a_year_is_the_most(startup_of: StartupOf) -> None:
    assessment = PROGRAMME.assess(startup_of(plan("6480.00")))
    assert (assessment.result, assessment.grant) == (Result.ELIGIBLE, Decimal("6000.00"))
    assert assessment.amount("remainder") == Decimal("480.00")
    assert [(finding.rule, finding.consequence) for finding in assessment.findings] == [("VF 1", Consequence.MARKED)]
    assert "6.000,00 Euro begrenzt" in assessment.findings[0].reason


def test_f11b_below_it_all_costs_are_covered(startup_of: StartupOf) -> None:
    assessment = PROGRAMME.assess(startup_of(plan("4321.50")))
    assert (assessment.result, assessment.grant) == (Result.ELIGIBLE, Decimal("4321.50"))
    assert (assessment.financing, assessment.rate) == (Financing.FULL, 1)
    assert assessment.findings == ()


@pytest.mark.parametrize(
    ("case", "founded_on", "rules_as_of", "reason"),
    [
        ("F11c", date(2021, 6, 16), FIVE_YEARS, None),
        ("F11d", date(2021, 6, 16), TWO_YEARS, "älter als 2 Jahre"),
        ("F11e", date(2019, 6, 16), FIVE_YEARS, "älter als 5 Jahre"),
        ("just five years old", date(2019, 11, 20), None, None),
        ("a day older than that", date(2019, 11, 19), None, "älter als 5 Jahre"),
        ("founded on the day it applies", AUTUMN, None, None),
    ],
)
def test_f11cde_the_version_of_the_call_says_how_old_an_association_may_be(
    startup_of: StartupOf, case: str, founded_on: date, rules_as_of: date | None, reason: str | None
) -> None:
    assessment = PROGRAMME.assess(startup_of(founded_on=founded_on, rules_as_of=rules_as_of))
    if reason is None:
        assert assessment.findings == (), case
        return
    (finding,) = assessment.findings
    assert (assessment.result, assessment.grant) == (Result.REFUSED, 0)
    assert finding.rule == "MSO-A 8"
    assert reason in finding.reason
    assert reason.removeprefix("älter als ") in finding.paragraph


def test_an_association_founded_on_29_february_is_old_enough_a_day_earlier(startup_of: StartupOf) -> None:
    last_day, next_day = date(2025, 2, 28), date(2025, 3, 1)
    born = [startup_of(founded_on=date(2020, 2, 29), filed_on=day) for day in (last_day, next_day)]
    assert ["MSO-A 8" in {f.rule for f in PROGRAMME.assess(case).findings} for case in born] == [False, True]


@pytest.mark.parametrize("founded_on", [None, date(2024, 11, 21)])
def test_without_a_possible_day_of_founding_nothing_is_assessed(startup_of: StartupOf, founded_on: date | None) -> None:
    with pytest.raises(FactMissing) as told:
        PROGRAMME.assess(startup_of(founded_on=founded_on))
    assert told.value.field == "applicant/founded_on"


def test_a_plan_that_does_not_add_up_is_not_assessed(startup_of: StartupOf) -> None:
    case = startup_of()
    with pytest.raises(PlanDoesNotAddUp):
        PROGRAMME.assess(replace(case, finance_plan=replace(case.finance_plan, own_money=Decimal("0.01"))))


def test_civic_work_is_marked_and_funds_nothing(startup_of: StartupOf) -> None:
    assessment = PROGRAMME.assess(startup_of(plan("3000.00", civic="500.00")))
    assert (assessment.grant, assessment.amount("eligible_total")) == (Decimal("3000.00"), Decimal("3000.00"))
    assert [finding.rule for finding in assessment.findings] == ["MSO-A 9"]


def test_no_year_of_a_grant_holds_more_than_the_sum_of_a_year(startup_of: StartupOf) -> None:
    case = startup_of(plan("13000.00"))
    project = replace(case.project, period_to=date(2026, 12, 31))
    assessment = PROGRAMME.assess(replace(case, project=project))
    assert assessment.grant == Decimal("12000.00")

    def proposal(first: str, second: str) -> Proposal:
        years = (YearAmount(2025, Decimal(first)), YearAmount(2026, Decimal(second)))
        return Proposal(Decimal("12000.00"), years, (), (), "a-title", "person-a", AUTUMN)

    proposal("6000.00", "6000.00").must_be_borne_by(assessment, project)
    with pytest.raises(NotAllowedByAssessment, match=r"No year may hold more than 6000\.00 EUR"):
        proposal("6000.01", "5999.99").must_be_borne_by(assessment, project)


@pytest.mark.parametrize(
    ("case", "costs", "actual", "paid_out", "final", "repayment"),
    [
        ("F18d", "6000.00", "5412.37", "6000.00", "5412.37", "587.63"),
        ("own money does not shield the grant", "6480.00", "6200.00", "6000.00", "5720.00", "280.00"),
        ("more was spent", "6000.00", "7000.00", "6000.00", "6000.00", "0.00"),
        ("almost nothing was spent", "6480.00", "100.00", "6000.00", "0.00", "6000.00"),
    ],
)
def test_f18d_what_is_saved_goes_back(
    startup_of: StartupOf, case: str, costs: str, actual: str, paid_out: str, final: str, repayment: str
) -> None:
    startup = startup_of(plan(costs))
    ended = PROGRAMME.settle(startup, PROGRAMME.assess(startup), Actual(Decimal(actual), Decimal(paid_out)))
    assert (ended.final_grant.value, ended.repayment.value) == (Decimal(final), Decimal(repayment)), case
    assert recompute(ended.repayment.steps, money_steps())


@given(costs=MONEY, asked=MONEY, years=st.integers(1, 3), cap=st.none() | MONEY)
def test_any_grant_covers_at_most_the_costs_the_request_and_the_sum_of_its_years(
    startup_of: StartupOf, costs: Decimal, asked: Decimal, years: int, cap: Decimal | None
) -> None:
    requested = min(costs, asked)
    case = startup_of(plan(f"{costs}", f"{requested}"))
    project = replace(case.project, period_to=date(2024 + years, 12, 31))
    assessment = PROGRAMME.assess(replace(case, project=project, call=replace(case.call, cap=cap)))
    limits = [requested, costs, Decimal(6000) * years, *([] if cap is None else [cap])]
    assert assessment.grant == min(limits)
    assert assessment.grant + assessment.amount("remainder") == costs
    assert recompute(assessment.trace, money_steps())
