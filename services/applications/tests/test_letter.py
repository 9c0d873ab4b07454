"""The letter: the digest that is signed covers every fact, and both sides of the finance plan add up."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.calls import Call
from kfi_applications.domain.case import Addressee, Case
from kfi_applications.domain.decision import Proposal
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.programmes.catalogue import packaged_programmes
from kfi_applications.letter import decision_letter, digest_of, message_waits
from kfi_contracts import letters

PROGRAMME = {programme.key: programme for programme in packaged_programmes()}["mso-einzelprojekt"]
assess = PROGRAMME.assess
SCALES = {"Ausgaben": 1, "Einnahmen": -1}


def grant_facts(application: Application) -> letters.GrantDecisionFacts:
    facts = decision_letter(application, PROGRAMME).facts
    assert isinstance(facts, letters.GrantDecisionFacts)
    return facts


def test_the_facts_are_those_of_the_proposal(in_second_check: Application) -> None:
    facts = grant_facts(in_second_check)
    assert (facts.outcome, facts.granted_amount, facts.rate) == ("granted", Decimal("14400.00"), Decimal("80.00"))
    assert (facts.own_share, facts.civic_work_recognised) == (Decimal("3600.00"), Decimal("2700.00"))
    assert facts.legal_basis == PROGRAMME.legal_basis


def test_any_change_of_a_fact_changes_the_digest(in_second_check: Application) -> None:
    seen = {digest_of(decision_letter(in_second_check, PROGRAMME))}
    proposal = in_second_check.proposal
    assert proposal is not None
    for changed in (
        replace(proposal, conditions=("Eine Auflage.",)),
        replace(proposal, reasons=("Ein anderer Grund.",)),
        replace(proposal, amount=Decimal("14399.99")),
    ):
        in_second_check.proposal = changed
        seen.add(digest_of(decision_letter(in_second_check, PROGRAMME)))
    in_second_check.addressee = replace(in_second_check.addressee, house_number="2")
    seen.add(digest_of(decision_letter(in_second_check, PROGRAMME)))
    assert len(seen) == 5


def test_the_letter_bears_the_name_of_who_signs_and_the_digest_covers_it(in_second_check: Application) -> None:
    letter = decision_letter(in_second_check, PROGRAMME, signed_by="Jonas Weidmann")
    assert isinstance(letter.facts, letters.GrantDecisionFacts)
    assert letter.facts.decided_by_name == "Jonas Weidmann"
    assert digest_of(letter) != digest_of(decision_letter(in_second_check, PROGRAMME, signed_by="Elif Sander"))


def test_template_version_and_language_are_signed_too(in_second_check: Application) -> None:
    content = decision_letter(in_second_check, PROGRAMME)
    for changed in ({"template_version": 2}, {"language": "en"}):
        assert digest_of(content.model_copy(update=changed)) != digest_of(content)


@pytest.mark.parametrize(
    ("amount", "cap"), [("14400.00", "50000.00"), ("12000.00", "12000.00"), ("9999.99", "50000.00")]
)
def test_expenditure_and_income_of_the_letter_add_up(
    checked: Application,
    case_of: Callable[..., Case],
    call_of: Callable[..., Call],
    proposal_of: Callable[..., Proposal],
    amount: str,
    cap: str,
) -> None:
    checked.propose(proposal_of(amount), assess(case_of(call=call_of(cap=Decimal(cap)))))
    lines = grant_facts(checked).finance_lines
    assert sum(SCALES[line.label.split(":")[0]] * line.amount for line in lines) == 0
    assert (f"{Decimal('14400.00') - Decimal(amount)}" != "0.00") == any("zu deckender" in line.label for line in lines)


def test_what_limits_the_grant_is_a_reason_of_the_letter(
    checked: Application,
    case_of: Callable[..., Case],
    call_of: Callable[..., Call],
    proposal_of: Callable[..., Proposal],
) -> None:
    checked.propose(proposal_of("12000.00"), assess(case_of(call=call_of(cap=Decimal("12000.00")))))
    assert grant_facts(checked).reasons[0] == "Die Zuwendung ist auf 12.000,00 Euro begrenzt."


def test_without_a_proposal_there_is_no_letter(received: Application) -> None:
    with pytest.raises(WrongState):
        decision_letter(received, PROGRAMME)


def test_the_email_says_nothing_of_the_decision(in_second_check: Application) -> None:
    told = message_waits(in_second_check)
    assert set(told.facts.model_dump()) == {"kind"}


def test_an_addressee_without_a_person_is_written_to_as_an_organisation(in_second_check: Application) -> None:
    in_second_check.addressee = Addressee(None, "Weg", "1", "58095", "Hagen", "post@example.org")
    assert decision_letter(in_second_check, PROGRAMME).addressee.attention is None


def test_a_rejection_says_what_the_rules_found_and_no_sentence_twice(
    checked: Application, case_of: Callable[..., Case], proposal_of: Callable[..., Proposal]
) -> None:
    case = case_of()
    refused = assess(replace(case, applicant=replace(case.applicant, charitable=False)))
    (found,) = (finding.reason for finding in refused.findings)
    checked.propose(proposal_of("0.00", reasons=(found, "Ein Antrag im nächsten Jahr ist möglich.")), refused)
    facts = decision_letter(checked, PROGRAMME).facts
    assert isinstance(facts, letters.GrantRejectionFacts)
    assert facts.reasons == (found, "Ein Antrag im nächsten Jahr ist möglich.")


def test_a_letter_asks_for_the_summary_its_addressee_wishes_and_the_digest_covers_it(
    in_second_check: Application,
) -> None:
    plain = digest_of(decision_letter(in_second_check, PROGRAMME))
    in_second_check.addressee = replace(in_second_check.addressee, summary_language="uk")
    letter = decision_letter(in_second_check, PROGRAMME)
    assert letter.summary == letters.Summary(language="uk", version=1)
    assert digest_of(letter) != plain
    assert message_waits(in_second_check).summary is None
