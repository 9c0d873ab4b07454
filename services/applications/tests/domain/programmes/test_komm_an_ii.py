"""Assessing cases of KOMM-AN NRW, programme part II: worked cases by number, and what holds for any measures."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.assessment import Financing, Result
from kfi_applications.domain.calls import Call, PartialMonth
from kfi_applications.domain.case import Case, CostItem, FinancePlan, LegalForm, Measure, Project
from kfi_applications.domain.errors import FactMissing
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.programmes.programme import Actual
from kfi_applications.domain.programmes.registry import money_steps
from kfi_applications.domain.rules import Consequence
from kfi_law.recomputation import recompute

PROGRAMME = {programme.key: programme for programme in packaged_programmes()}["komm-an-ii"]
TEXT_OF_2018, TEXT_OF_2024 = date(2018, 1, 1), date(2024, 1, 1)
UNITS: dict[str, int] = {
    "b1": 3500, "b2": 25000, "c-print": 50000, "c-internet": 50000, "c-translation": 5000, "d1": 10000, "d2": 5000,
}  # fmt: skip
"""Cents for each unit of the kinds that are simply counted."""
CaseOf = Callable[..., Case]


def room(count: int = 1, costs: str = "1250.00", hours: str = "16", label: str = "Treff Altenhagen") -> Measure:
    return Measure("a1", label, count, None, None, Decimal(costs), Decimal(hours), Decimal(40))


def lasting(kind: str, first: date, last: date, count: int = 1) -> Measure:
    return Measure(kind, "Treff Altenhagen", count, first, last)


def counted(kind: str, count: int) -> Measure:
    return Measure(kind, "Alle Orte", count)


@pytest.fixture(scope="session")
def komm_an_of(case_of: CaseOf, call_of: Callable[..., Call]) -> CaseOf:
    """A case of a district in order that asks for 100,000.00 EUR, more than its measures are worth."""

    def komm_an(*measures: Measure, year: int = 2026, requested: str = "100000.00", **of_call: Any) -> Case:
        call = call_of(
            programme="komm-an-ii", opens_on=date(year, 1, 1), last_day=date(year, 12, 31), cap=None,
            civic_work_basis=None, **{"partial_month": PartialMonth.ONLY_FULL_MONTHS, **of_call},
        )  # fmt: skip
        asked, none, day = Decimal(requested), Decimal("0.00"), date(year, 1, 15)
        case = case_of(
            call=call,
            project=Project("Maßnahmen vor Ort", date(year, 1, 1), date(year, 12, 31)),
            finance_plan=FinancePlan((CostItem("Maßnahmen", asked),), none, none, none, asked, measures),
            filed_on=day,
            assessed_on=day,
        )
        return replace(case, applicant=replace(case.applicant, legal_form=LegalForm.DISTRICT))

    return komm_an


@pytest.mark.parametrize(
    ("case", "measure", "grant", "marked"),
    [
        ("F1a", room(), "1000.00", []),
        ("F1b", room(3, "1400.00"), "2000.00", ["KA 7"]),
    ],
)
def test_f1ab_rooms_have_one_lump_sum_each_and_a_meeting_point_two(
    komm_an_of: CaseOf, case: str, measure: Measure, grant: str, marked: list[str]
) -> None:
    assessment = PROGRAMME.assess(komm_an_of(measure, requested=grant))
    assert (assessment.result, assessment.grant) == (Result.ELIGIBLE, Decimal(grant)), case
    assert [finding.rule for finding in assessment.findings] == marked
    assert assessment.financing is Financing.FIXED_AMOUNT


def test_each_meeting_point_has_its_own_two_rooms(komm_an_of: CaseOf) -> None:
    rooms = (room(3), room(1, label="Treff Wehringhausen"), room(2, label="Treff Wehringhausen"))
    assessment = PROGRAMME.assess(komm_an_of(*rooms))
    assert assessment.grant == Decimal("4000.00")
    assert "Treff Altenhagen, Treff Wehringhausen" in assessment.findings[0].reason


@pytest.mark.parametrize(
    ("case", "measure", "rule", "reason"),
    [
        ("F1c", room(costs="1000.00"), "KA 5", "übersteigen 1.000,00 Euro nicht: Treff Altenhagen."),
        ("F1d", room(hours="13"), "KA 6", "Weniger als 33 Prozent der Nutzung"),
    ],
)
def test_f1cd_a_room_that_costs_or_serves_too_little_is_refused(
    komm_an_of: CaseOf, case: str, measure: Measure, rule: str, reason: str
) -> None:
    assessment = PROGRAMME.assess(komm_an_of(measure))
    assert (assessment.result, assessment.grant) == (Result.REFUSED, 0), case
    assert [finding.rule for finding in assessment.findings] == [rule, "KA 17"]
    assert reason in assessment.findings[0].reason


def test_a_room_that_is_refused_takes_nothing_from_the_other_measures(komm_an_of: CaseOf) -> None:
    assessment = PROGRAMME.assess(komm_an_of(room(hours="13"), counted("b1", 10), requested="350.00"))
    assert (assessment.result, assessment.grant) == (Result.ELIGIBLE, Decimal("350.00"))
    assert [(each.rule, each.consequence) for each in assessment.findings] == [("KA 6", Consequence.MARKED)]


def test_just_a_third_of_the_use_is_enough(komm_an_of: CaseOf) -> None:
    assert PROGRAMME.assess(komm_an_of(room(hours="13.20"))).grant == Decimal("1000.00")


@pytest.mark.parametrize(
    ("case", "measure", "of_call", "grant"),
    [
        ("F2a", lasting("a2", date(2026, 3, 1), date(2026, 12, 31)), {}, "4000.00"),
        ("F2b", lasting("a2", date(2026, 3, 16), date(2026, 12, 31)), {}, "3600.00"),
        ("begun months", lasting("a2", date(2026, 3, 16), date(2026, 12, 31)),
         {"partial_month": PartialMonth.BEGUN_MONTHS}, "4000.00"),
        ("two meeting points", lasting("a2", date(2026, 1, 1), date(2026, 12, 30), 2), {}, "8800.00"),
        ("F2c", counted("b1", 57), {}, "1995.00"),
        ("F2d", counted("b2", 6), {"rules_as_of": TEXT_OF_2024}, "1500.00"),
        ("F2e", lasting("b2", date(2018, 3, 1), date(2018, 7, 31)), {"year": 2018}, "1250.00"),
        ("the text hangs on the call", lasting("b2", date(2026, 3, 1), date(2026, 7, 31), 2),
         {"rules_as_of": TEXT_OF_2018}, "2500.00"),
    ],
)  # fmt: skip
def test_f2_running_costs_accompaniments_and_gatherings(
    komm_an_of: CaseOf, case: str, measure: Measure, of_call: dict[str, Any], grant: str
) -> None:
    assessment = PROGRAMME.assess(komm_an_of(measure, **of_call))
    assert (assessment.result, assessment.grant) == (Result.ELIGIBLE, Decimal(grant)), case
    assert recompute(assessment.trace, money_steps())


def test_f3_media_translation_training_and_exchange(komm_an_of: CaseOf) -> None:
    kinds = {"c-print": 1, "c-internet": 1, "c-translation": 17, "d1": 9, "d2": 11}
    assessment = PROGRAMME.assess(komm_an_of(*(counted(kind, count) for kind, count in kinds.items())))
    media = assessment.amount("c_print") + assessment.amount("c_internet")
    assert media == Decimal("1000.00")
    amounts = [assessment.amount(name) for name in ("c_translation", "d1", "d2")]
    assert amounts == [Decimal("850.00"), Decimal("900.00"), Decimal("550.00")]
    assert assessment.grant == Decimal("3300.00")


@pytest.mark.parametrize(
    ("took_place", "final", "repayment"), [(31, "1085.00", "315.00"), (40, "1400.00", "0.00"), (50, "1400.00", "0.00")]
)
def test_f18c_what_did_not_take_place_goes_back(
    komm_an_of: CaseOf, took_place: int, final: str, repayment: str
) -> None:
    case = komm_an_of(counted("b1", 40), requested="1400.00")
    actual = Actual(Decimal("0.00"), Decimal("1400.00"), (counted("b1", took_place),))
    ended = PROGRAMME.settle(case, PROGRAMME.assess(case), actual)
    assert (ended.final_grant.value, ended.repayment.value) == (Decimal(final), Decimal(repayment))
    assert recompute(ended.repayment.steps, money_steps())


@pytest.mark.parametrize(
    ("legal_form", "seat", "rules"),
    [
        (LegalForm.DISTRICT, "05962024", []),
        (LegalForm.INDEPENDENT_CITY, "05914000", []),
        (LegalForm.INDEPENDENT_CITY, "05962024", ["KA 3"]),
        (LegalForm.INDEPENDENT_CITY, "09162000", ["KA 3"]),
        (LegalForm.REGISTERED_ASSOCIATION, "05914000", ["KA 3"]),
    ],
)
def test_only_districts_and_independent_cities_are_funded(
    komm_an_of: CaseOf, legal_form: LegalForm, seat: str, rules: list[str]
) -> None:
    case = komm_an_of(counted("b1", 1), requested="35.00")
    case = replace(case, applicant=replace(case.applicant, legal_form=legal_form, seat_ags=seat))
    assert [finding.rule for finding in PROGRAMME.assess(case).findings] == rules


@pytest.mark.parametrize(
    ("measures", "rules_as_of", "field"),
    [
        ((), None, "finance_plan/measures"),
        ((counted("b1", 1), counted("zz", 1)), None, "finance_plan/measures/1/kind"),
        ((Measure("a1", "Treff"),), None, "finance_plan/measures/0/planned_costs"),
        ((replace(room(), hours_in_use=None),), None, "finance_plan/measures/0/hours_in_use"),
        ((counted("a2", 1),), None, "finance_plan/measures/0/period_from"),
        ((lasting("a2", date(2025, 12, 1), date(2026, 3, 31)),), None, "finance_plan/measures/0/period_from"),
        ((lasting("a2", date(2026, 3, 1), date(2027, 3, 31)),), None, "finance_plan/measures/0/period_to"),
        ((lasting("a2", date(2026, 3, 1), date(2026, 2, 28)),), None, "finance_plan/measures/0/period_to"),
        ((counted("b2", 6),), TEXT_OF_2018, "finance_plan/measures/0/period_from"),
    ],
)
def test_a_measure_that_cannot_be_judged_is_told_by_its_field(
    komm_an_of: CaseOf, measures: tuple[Measure, ...], rules_as_of: date | None, field: str
) -> None:
    with pytest.raises(FactMissing) as told:
        PROGRAMME.assess(komm_an_of(*measures, rules_as_of=rules_as_of))
    assert told.value.field == field


def test_the_letter_shows_the_lump_sums_as_the_finance_plan(komm_an_of: CaseOf) -> None:
    assessment = PROGRAMME.assess(komm_an_of(room(), counted("b1", 57)))
    plan = assessment.funded_plan
    assert plan is not None
    assert [(item.label.split(",")[0], item.amount) for item in plan.costs] == [
        ("Baustein A1", Decimal("1000.00")), ("Baustein B1", Decimal("1995.00")),
    ]  # fmt: skip
    assert plan.stated_total == plan.stated_income == assessment.amount("eligible_total")


@given(
    counts=st.dictionaries(st.sampled_from(sorted(UNITS)), st.integers(1, 500), min_size=1),
    requested=st.decimals(min_value=1, max_value=1_000_000, places=2),
    cap=st.none() | st.decimals(min_value=1, max_value=100_000, places=2),
)
def test_any_measures_are_worth_their_units_and_no_more_than_was_asked_for(
    komm_an_of: CaseOf, counts: dict[str, int], requested: Decimal, cap: Decimal | None
) -> None:
    case = komm_an_of(*(counted(kind, count) for kind, count in counts.items()), requested=f"{requested}")
    assessment = PROGRAMME.assess(replace(case, call=replace(case.call, cap=cap)))
    worth = Decimal(sum(UNITS[kind] * count for kind, count in counts.items())) / 100
    assert assessment.amount("eligible_total") == worth
    assert assessment.grant == min(worth, requested, *([] if cap is None else [cap]))
    assert assessment.grant + assessment.amount("remainder") == worth
    assert recompute(assessment.trace, money_steps())
