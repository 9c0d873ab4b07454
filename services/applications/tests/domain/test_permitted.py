"""What is listed as allowed is what would be accepted."""

from collections.abc import Callable

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import Case
from kfi_applications.domain.decision import Proposal, ReturnReason
from kfi_applications.domain.permitted import permitted
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.domain.states import Action

assess = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"].assess
SIGNATORY = {"funding-signatory"}
ALL = {"applicant", "funding-caseworker", "funding-signatory", "budget-officer"}
ANYWHERE = (Action.WITHDRAW, Action.PERMIT_EARLY_START, Action.ASSIGN, Action.STATE_BANK_ACCOUNT)


def test_each_role_sees_only_its_own_actions(received: Application) -> None:
    own = permitted(received, person="person-a", roles={"funding-caseworker"})
    assert own == (Action.OPEN_FORMAL_CHECK, Action.WITHDRAW, Action.ASSIGN)
    assert permitted(received, person="person-a", roles={"budget-officer", "auditor"}) == ()
    assert permitted(received, person="person-a", roles={"applicant"}) == (Action.WITHDRAW, Action.STATE_BANK_ACCOUNT)


@pytest.mark.parametrize(("person", "open_now"), [("person-a", ()), ("person-b", (Action.OPEN_SECOND_CHECK,))])
def test_the_proposer_is_not_offered_the_second_check(
    checked: Application,
    case_of: Callable[..., Case],
    proposal_of: Callable[..., Proposal],
    person: str,
    open_now: tuple[Action, ...],
) -> None:
    checked.propose(proposal_of(), assess(case_of()))
    checked.reserve_funds()
    assert permitted(checked, person=person, roles=SIGNATORY) == (*open_now, Action.PERMIT_EARLY_START)


def test_a_grant_waits_for_its_money_and_a_rejection_needs_none(
    checked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    checked.propose(proposal_of("0.00"), assess(case_of()))
    assert permitted(checked, person="person-b", roles=ALL) == (Action.OPEN_SECOND_CHECK, *ANYWHERE)
    checked.open_second_check("person-b")
    checked.return_proposal("person-b", ReturnReason.REASONS)
    checked.propose(proposal_of(), assess(case_of()))
    assert permitted(checked, person="person-b", roles=ALL) == (Action.RESERVE_FUNDS, *ANYWHERE)


def test_the_second_person_may_return_or_sign(in_second_check: Application) -> None:
    assert permitted(in_second_check, person="person-c", roles=SIGNATORY) == (
        Action.RETURN, Action.SIGN, Action.PERMIT_EARLY_START,
    )  # fmt: skip


def test_remedies_are_waived_once(granted: Application) -> None:
    assert permitted(granted, person="person-x", roles={"applicant"}) == (
        Action.WAIVE_REMEDIES,
        Action.STATE_BANK_ACCOUNT,
    )
    assert granted.decision is not None
    granted.waive_remedies(granted.decision.decided_on, today=granted.decision.decided_on)
    assert permitted(granted, person="person-x", roles={"applicant"}) == (Action.STATE_BANK_ACCOUNT,)


def test_in_a_colleagues_case_a_caseworker_has_no_say_without_a_mandate(received: Application) -> None:
    received.assign("person-x", by="person-a")
    assert permitted(received, person="person-a", roles={"funding-caseworker"}) == ()
    as_deputy = permitted(received, person="person-a", roles={"funding-caseworker"}, represented={"person-x"})
    assert as_deputy == (Action.OPEN_FORMAL_CHECK, Action.WITHDRAW, Action.ASSIGN)
