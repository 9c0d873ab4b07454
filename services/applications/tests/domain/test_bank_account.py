"""To which account a grant may be paid: case F17, and what holds where a programme has no such rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.bank_account import BankAccount, findings_on, must_be_possible
from kfi_applications.domain.case import Case
from kfi_applications.domain.errors import AccountNotPossible, WrongState
from kfi_applications.domain.remedies import PaymentBlock

GERMAN, AUSTRIAN = "DE89370400440532013000", "AT611904300234573201"
OWN, TREASURER = "Verein Beispiel e.V.", "Karla Kassenwart"


@pytest.mark.parametrize(
    ("case", "account", "rules"),
    [
        ("F17a", BankAccount(GERMAN, OWN), []),
        ("F17a, as a bank writes it", BankAccount(GERMAN, "VEREIN BEISPIEL E. V."), []),
        ("F17b", BankAccount(AUSTRIAN, OWN), [("KTO 1", "Das Konto wird nicht im Inland geführt.")]),
        ("F17c", BankAccount(GERMAN, TREASURER),
         [("KTO 2", "Das Konto gehört nicht der antragstellenden Organisation.")]),
    ],
)  # fmt: skip
def test_f17_a_grant_is_paid_to_a_domestic_account_of_the_applicant(
    case_of: Callable[..., Case], case: str, account: BankAccount, rules: list[tuple[str, str]]
) -> None:
    found = findings_on(account, case_of())
    assert [(finding.rule, finding.reason) for finding in found] == rules, case
    assert {finding.paragraph for finding in found} <= {"Nr. 7.4 VV zu § 44 LHO"}


def test_what_forbids_an_account_is_told_by_its_field_and_without_the_number(case_of: Callable[..., Case]) -> None:
    with pytest.raises(AccountNotPossible) as told:
        must_be_possible(BankAccount(AUSTRIAN, OWN), case_of())
    assert (told.value.field, AUSTRIAN in str(told.value)) == ("iban", False)
    assert "Nr. 7.4 VV zu § 44 LHO" in told.value.detail
    assert GERMAN not in repr(BankAccount(GERMAN, OWN))


def test_before_the_rule_and_where_a_programme_has_none_any_account_is_taken(case_of: Callable[..., Case]) -> None:
    case = case_of()
    assert findings_on(BankAccount(AUSTRIAN, TREASURER), replace(case, filed_on=date(2024, 2, 28))) == ()
    other = replace(case, call=replace(case.call, programme="without-the-rule"))
    assert findings_on(BankAccount(AUSTRIAN, TREASURER), other) == ()


def test_nothing_is_paid_before_an_account_is_stated(announced: Application) -> None:
    announced.end_remedy_period(date(2026, 4, 14))
    assert announced.payment_block(date(2026, 4, 14)) is PaymentBlock.NO_BANK_ACCOUNT
    announced.state_bank_account(date(2026, 4, 14))
    assert announced.payment_block(date(2026, 4, 14)) is None


def test_whoever_is_told_of_a_rejection_states_no_account_and_before_that_nobody_can_tell(
    checked: Application, proposal_of: Callable[..., object], case_of: Callable[..., Case]
) -> None:
    assert checked.assessment is not None
    checked.propose(proposal_of("0.00"), checked.assessment)  # type: ignore[arg-type]
    checked.open_second_check("person-b")
    checked.sign("person-b", seen_digest="d", letter_digest="d", on=date(2026, 3, 9), decision_id=uuid4(),
                 letter_id=uuid4())  # fmt: skip
    checked.state_bank_account(date(2026, 3, 9))
    checked.record_announcement(date(2026, 3, 13), date(2026, 4, 13))
    with pytest.raises(WrongState, match="Nothing was granted"):
        checked.state_bank_account(date(2026, 3, 14))
