"""Assessing cases of the MSO Einzelprojektförderung: worked cases by number, conditions, and any finance plan."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_applications.domain.assessment import Result
from kfi_applications.domain.calls import Call, CivicWorkBasis, DeadlineKind
from kfi_applications.domain.case import Case, CostItem, FinancePlan, LegalForm
from kfi_applications.domain.errors import PlanDoesNotAddUp
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.programmes.mso_single_project.terms import Terms
from kfi_applications.domain.programmes.registry import money_steps
from kfi_applications.domain.rules import Consequence
from kfi_law.errors import NoValueInForce
from kfi_law.recomputation import recompute
from kfi_law.traces import trace_from_json, trace_to_json

CaseOf = Callable[..., Case]
PlanOf = Callable[..., FinancePlan]
CallOf = Callable[..., Call]
assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
MONEY = st.decimals(min_value=0, max_value=1_000_000, places=2)


def rules_broken(case: Case) -> dict[str, Consequence]:
    return {finding.rule: finding.consequence for finding in assess(case).findings}


def test_f12a_civic_work_at_the_limit_counts_in_full(case_of: CaseOf) -> None:
    assessment = assess(case_of())
    amounts = assessment.amounts
    assert assessment.result is Result.ELIGIBLE
    assert assessment.findings == ()
    assert assessment.grant == Decimal("14400.00")
    assert amounts["own_share"].value == amounts["own_share_required"].value == Decimal("3600.00")
    assert amounts["civic_work_limit"].value == amounts["civic_work_recognised"].value == Decimal("2700.00")


def test_f12b_civic_work_above_the_limit_asks_for_a_correction(case_of: CaseOf, plan_of: PlanOf) -> None:
    assessment = assess(case_of(finance_plan=plan_of("18000.00", "3000.00", "600.00", "14400.00")))
    assert assessment.result is Result.CORRECTION_NEEDED
    assert assessment.grant == 0
    assert assessment.amounts["civic_work_recognised"].value == Decimal("2700.00")
    reasons = [finding.reason for finding in assessment.findings]
    assert any("300,00 Euro werden nicht anerkannt" in reason for reason in reasons)


def test_civic_work_above_the_limit_harms_nothing_when_the_own_money_suffices(case_of: CaseOf, plan_of: PlanOf) -> None:
    assessment = assess(case_of(finance_plan=plan_of("18000.00", "3000.00", "3000.00", "12000.00")))
    assert assessment.result is Result.ELIGIBLE
    assert assessment.grant == Decimal("12000.00")
    assert assessment.amounts["eligible_total"].value == Decimal("17700.00")


def test_the_call_says_from_what_the_civic_work_limit_is_taken(
    case_of: CaseOf, call_of: CallOf, plan_of: PlanOf
) -> None:
    call = call_of(civic_work_basis=CivicWorkBasis.OWN_SHARE)
    plan = plan_of("18000.00", "600.00", "3000.00", "14400.00")
    amounts = assess(case_of(call=call, finance_plan=plan)).amounts
    assert amounts["civic_work_limit"].value == Decimal("540.00")  # 15 % of 3,600.00


def test_third_party_money_is_no_own_share(case_of: CaseOf, plan_of: PlanOf) -> None:
    plan = plan_of("20000.00", "0.00", "2000.00", "14000.00", "4000.00")
    assert rules_broken(case_of(finance_plan=plan)) == {"MSO-E 14": Consequence.CORRECTION_NEEDED}


def test_a_request_above_the_cap_is_cut_to_the_cap(case_of: CaseOf, call_of: CallOf) -> None:
    assessment = assess(case_of(call=call_of(cap=Decimal("12000.00"))))
    assert assessment.result is Result.ELIGIBLE
    assert assessment.grant == Decimal("12000.00")
    assert rules_broken(case_of(call=call_of(cap=Decimal("12000.00")))) == {"AF 2": Consequence.MARKED}


def test_f13a_a_late_application_within_an_ordnungsfrist_is_only_marked(case_of: CaseOf, call_of: CallOf) -> None:
    late = _late_case(case_of, call_of, DeadlineKind.ORDNUNGSFRIST)
    assert assess(late).result is Result.ELIGIBLE
    assert rules_broken(late) == {"MSO-E 2": Consequence.MARKED}


def test_f13b_a_late_application_after_an_ausschlussfrist_is_refused(case_of: CaseOf, call_of: CallOf) -> None:
    late = _late_case(case_of, call_of, DeadlineKind.AUSSCHLUSSFRIST)
    assert assess(late).result is Result.REFUSED
    assert rules_broken(late) == {"MSO-E 1": Consequence.REFUSED}


def _late_case(case_of: CaseOf, call_of: CallOf, kind: DeadlineKind) -> Case:
    call = call_of(opens_on=date(2022, 9, 1), last_day=date(2022, 11, 2), deadline_kind=kind)
    day = date(2022, 11, 3)
    return case_of(call=call, filed_on=day, assessed_on=day)


def test_f16a_a_project_begun_before_the_decision_is_refused(case_of: CaseOf) -> None:
    begun = _begun(case_of, begun_on=date(2026, 3, 2))
    assert rules_broken(begun) == {"MSO-E 7": Consequence.REFUSED}


def test_a_project_that_begins_between_application_and_decision_is_refused(case_of: CaseOf) -> None:
    assert rules_broken(_begun(case_of, begun_on=date(2026, 3, 10))) == {"MSO-E 7": Consequence.REFUSED}
    assert rules_broken(_begun(case_of, begun_on=date(2026, 3, 11))) == {}


def test_f16b_a_measure_that_recurs_every_year_may_go_on(case_of: CaseOf, call_of: CallOf) -> None:
    call = call_of(opens_on=date(2025, 9, 1), last_day=date(2025, 12, 22))
    begun = _begun(case_of, begun_on=date(2026, 1, 1), recurs_yearly=True)
    recurring = replace(begun, call=call, filed_on=date(2025, 11, 20), assessed_on=date(2026, 2, 17))
    assert assess(recurring).result is Result.ELIGIBLE


def test_a_permitted_early_start_is_no_reason_to_refuse(case_of: CaseOf) -> None:
    assert rules_broken(_begun(case_of, begun_on=date(2026, 3, 2), early_start_permitted=True)) == {}


def _begun(case_of: CaseOf, **facts: object) -> Case:
    case = case_of()
    return replace(case, project=replace(case.project, **facts), assessed_on=date(2026, 3, 10))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"legal_form": LegalForm.OTHER}, "MSO-E 3"),
        ({"seat_ags": "09162000"}, "MSO-E 3"),
        ({"charitable": False}, "MSO-E 4"),
        ({"share_with_migration_history": Decimal("0.4999")}, "MSO-E 5"),
        ({"independent_of_states_and_parties": False}, "MSO-E 6"),
    ],
)
def test_an_applicant_who_is_not_eligible_is_refused_by_the_rule(
    case_of: CaseOf, facts: dict[str, object], rule: str
) -> None:
    case = case_of()
    case = replace(case, applicant=replace(case.applicant, **facts))  # type: ignore[arg-type]
    assert rules_broken(case) == {rule: Consequence.REFUSED}
    assert assess(case).grant == 0


def test_exactly_half_with_a_history_of_immigration_is_enough(case_of: CaseOf) -> None:
    case = case_of()
    applicant = replace(case.applicant, share_with_migration_history=Decimal("0.50"))
    assert assess(replace(case, applicant=applicant)).result is Result.ELIGIBLE


def test_a_plan_that_does_not_add_up_is_not_assessed(case_of: CaseOf, plan_of: PlanOf) -> None:
    with pytest.raises(PlanDoesNotAddUp, match=r"less than expenditure by 0\.01 EUR"):
        assess(case_of(finance_plan=plan_of("18000.00", "2700.00", "899.99", "14400.00")))


def test_without_a_value_in_force_nothing_is_decided() -> None:
    with pytest.raises(NoValueInForce):
        Terms.on(date(2018, 12, 19))


def test_a_stored_trace_comes_out_the_same_when_computed_anew(case_of: CaseOf) -> None:
    trace = assess(case_of()).trace
    stored = trace_from_json(trace_to_json(trace))
    assert recompute(stored, money_steps())
    tampered = (*stored[:-1], replace(stored[-1], result="3600.01"))
    assert not recompute(tampered, money_steps())


@given(
    cash=MONEY, civic=MONEY, own=MONEY, third=MONEY,
    cap=st.decimals(min_value=1, max_value=100_000, places=2), basis=st.sampled_from(CivicWorkBasis),
)  # fmt: skip
def test_any_plan_that_adds_up_keeps_share_cap_and_sums(
    case_of: CaseOf, call_of: CallOf, cash: Decimal, civic: Decimal, own: Decimal, third: Decimal,
    cap: Decimal, basis: CivicWorkBasis,
) -> None:  # fmt: skip
    requested = max(Decimal("0.01"), cash - own - third)
    own = cash - third - requested  # what is left may be negative: then third-party money takes it
    third, own = (third + own, Decimal("0.00")) if own < 0 else (third, own)
    if third < 0:
        return
    plan = FinancePlan((CostItem("Kosten", cash),), civic, own, third, requested)
    assessment = assess(case_of(call=call_of(cap=cap, civic_work_basis=basis), finance_plan=plan))
    amounts = assessment.amounts
    assert amounts["civic_work_recognised"].value <= min(civic, amounts["civic_work_limit"].value)
    assert amounts["grant"].value + amounts["remainder"].value == amounts["eligible_total"].value
    assert amounts["grant"].value <= min(
        cap, requested, amounts["eligible_total"].value * Decimal("0.8") + Decimal("0.005")
    )
    assert recompute(assessment.trace, money_steps())
    if assessment.result is Result.ELIGIBLE:
        assert amounts["own_share"].value >= amounts["own_share_required"].value
        assert assessment.grant == min(cap, requested)
    else:
        assert assessment.grant == 0
