"""The application: four eyes, the signed letter, corrections, returns."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application, Happening
from kfi_applications.domain.calls import Call, DeadlineKind
from kfi_applications.domain.case import Case, FinancePlan
from kfi_applications.domain.decision import Outcome, Proposal, ReturnReason, YearAmount
from kfi_applications.domain.errors import (
    CallNotAccepting,
    FourEyesViolated,
    NotAllowedByAssessment,
    PlanDoesNotAddUp,
    ProposalChanged,
    WrongState,
)
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.states import Action, State

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
TODAY = date(2026, 3, 9)
DIGEST = "d" * 64
CaseOf = Callable[..., Case]


def sign(application: Application, by: str, *, seen: str = DIGEST, now: str = DIGEST) -> None:
    application.sign(by, seen_digest=seen, letter_digest=now, on=TODAY, decision_id=uuid4(), letter_id=uuid4())


def test_a_filed_application_is_received_and_told_once(received: Application) -> None:
    assert received.state is State.RECEIVED
    assert received.happened == [Happening.FILED]
    assert not received.late


def test_f13_a_late_application_is_marked_or_not_taken(
    case_of: CaseOf, call_of: Callable[..., Call], application_of: Callable[[Case], Application]
) -> None:
    late = {"last_day": date(2026, 3, 8)}
    assert application_of(case_of(call=call_of(**late))).late
    with pytest.raises(CallNotAccepting):
        application_of(case_of(call=call_of(**late, deadline_kind=DeadlineKind.AUSSCHLUSSFRIST)))


def test_f12b_a_plan_that_cannot_be_funded_goes_back_to_the_applicant(
    received: Application, case_of: CaseOf, plan_of: Callable[..., FinancePlan]
) -> None:
    received.open_formal_check()
    received.open_substance_check(assess(case_of(finance_plan=plan_of("18000.00", "3000.00", "600.00", "14400.00"))))
    assert received.state is State.INFORMATION_REQUESTED
    assert received.steps[-1].reason == "correction-needed"
    with pytest.raises(PlanDoesNotAddUp):
        received.correct_finance_plan(plan_of("18000.00", "2700.00", "900.01", "14400.00"), TODAY)
    corrected = plan_of("18000.00", "2700.00", "900.00", "14400.00")
    received.correct_finance_plan(corrected, TODAY)
    assert (received.state, received.finance_plan) == (State.FORMAL_CHECK, corrected)


def test_a_plan_that_stays_uncorrected_can_only_be_rejected(
    received: Application,
    case_of: CaseOf,
    plan_of: Callable[..., FinancePlan],
    proposal_of: Callable[..., Proposal],
) -> None:
    assessment = assess(case_of(finance_plan=plan_of("18000.00", "3000.00", "600.00", "14400.00")))
    received.open_formal_check()
    received.open_substance_check(assessment)
    with pytest.raises(NotAllowedByAssessment, match="may not be funded"):
        received.propose(proposal_of("1.00"), assessment)
    received.propose(proposal_of("0.00"), assessment)
    assert received.state is State.PROPOSED


def test_a_plan_that_does_not_add_up_is_not_received(
    case_of: CaseOf, plan_of: Callable[..., FinancePlan], application_of: Callable[[Case], Application]
) -> None:
    with pytest.raises(PlanDoesNotAddUp):
        application_of(case_of(finance_plan=plan_of("18000.00", "2700.00", "900.01", "14400.00")))


def test_f21a_the_proposer_does_not_check(
    checked: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of(by="person-a"), assess(case_of()))
    checked.reserve_funds()
    with pytest.raises(FourEyesViolated):
        checked.open_second_check("person-a")
    assert checked.state is State.FUNDS_RESERVED


def test_f21b_another_person_checks_and_signs(in_second_check: Application) -> None:
    sign(in_second_check, "person-b")
    assert in_second_check.state is State.GRANTED


def test_f21c_the_person_counts_not_the_account(in_second_check: Application) -> None:
    """Persons come in, never accounts: a second account of person-a is still person-a."""
    with pytest.raises(FourEyesViolated):
        sign(in_second_check, "person-a")
    with pytest.raises(FourEyesViolated):
        in_second_check.return_proposal("person-a", ReturnReason.FACTS)


def test_a_letter_that_changed_since_it_was_read_is_not_signed(in_second_check: Application) -> None:
    with pytest.raises(ProposalChanged):
        sign(in_second_check, "person-b", seen="e" * 64)
    assert in_second_check.state is State.SECOND_CHECK
    assert in_second_check.decision is None


def test_the_decision_keeps_what_was_signed(granted: Application) -> None:
    decision = granted.decision
    assert decision is not None
    assert (decision.outcome, decision.granted_amount) == (Outcome.GRANTED, Decimal("14400.00"))
    assert (decision.letter_digest, decision.signed_by, decision.decided_on) == (DIGEST, "person-b", TODAY)
    assert granted.happened == [Happening.FILED, Happening.DECIDED]


def test_less_than_was_asked_for_is_granted_in_part(
    checked: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of("14399.99"), assess(case_of()))
    checked.reserve_funds()
    checked.open_second_check("person-b")
    sign(checked, "person-b")
    assert checked.decision is not None
    assert checked.decision.outcome is Outcome.GRANTED_IN_PART


def test_a_rejection_needs_reasons_but_no_money(
    checked: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal]
) -> None:
    with pytest.raises(NotAllowedByAssessment, match="needs reasons"):
        checked.propose(proposal_of("0.00", reasons=()), assess(case_of()))
    checked.propose(proposal_of("0.00"), assess(case_of()))
    with pytest.raises(WrongState, match="needs no money"):
        checked.reserve_funds()
    checked.open_second_check("person-b")
    sign(checked, "person-b")
    assert checked.state is State.REJECTED


def test_a_grant_is_not_checked_before_its_money_is_reserved(
    checked: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of(), assess(case_of()))
    with pytest.raises(WrongState, match="not reserved"):
        checked.open_second_check("person-b")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": Decimal("14400.01")}, "at most"),
        ({"years": (YearAmount(2026, Decimal("14399.99")),)}, "do not add up"),
        ({"years": (YearAmount(2025, Decimal("14400.00")),)}, "not years of the project"),
        ({"years": (YearAmount(2026, Decimal("7200.00")),) * 2}, "not years of the project"),
        ({"years": (YearAmount(2026, Decimal("14400.00")), YearAmount(2027, Decimal("0.00")))}, "without money"),
    ],
)
def test_a_proposal_the_assessment_does_not_bear_is_refused(
    checked: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal], changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotAllowedByAssessment, match=reason):
        checked.propose(proposal_of(**changes), assess(case_of()))
    assert checked.state is State.SUBSTANCE_CHECK


def test_a_returned_proposal_is_proposed_anew(
    in_second_check: Application, case_of: CaseOf, proposal_of: Callable[..., Proposal]
) -> None:
    returned = in_second_check.return_proposal("person-b", ReturnReason.AMOUNT)
    assert returned.amount == Decimal("14400.00")
    assert (in_second_check.state, in_second_check.proposal) == (State.SUBSTANCE_CHECK, None)
    assert in_second_check.steps[-1].reason == "amount"
    in_second_check.propose(proposal_of("14000.00"), assess(case_of()))


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(received: Application) -> None:
    steps = list(received.steps)
    for refused in (
        received.reserve_funds,
        lambda: sign(received, "person-b"),
        lambda: received.end_remedy_period(TODAY),
    ):
        with pytest.raises(WrongState, match="in the state received"):
            refused()
    assert received.steps == steps
    assert received.steps[-1].action is Action.FILE
