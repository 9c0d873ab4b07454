"""What is signed is what is sent: equal content has equal bytes and one digest."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kfi_contracts.allocation_letters import MunicipalityNoticeFacts
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import (
    FinancingType,
    GrantDecisionFacts,
    LetterContent,
    MessageWaitsFacts,
    content_bytes,
    content_digest,
    read_content,
)

GRANT = LETTER_EXAMPLES["grant-decision"]
lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def changed(content: LetterContent = GRANT, **changes: Any) -> bytes:
    return json.dumps({**json.loads(content_bytes(content)), **changes}).encode()


@pytest.mark.parametrize("content", LETTER_EXAMPLES.values(), ids=LETTER_EXAMPLES.keys())
def test_content_is_read_back_equal_and_with_the_same_digest(content: LetterContent) -> None:
    read = read_content(content_bytes(content))
    assert read == content
    assert content_digest(content_bytes(read)) == content_digest(content_bytes(content))


@given(lines, st.lists(lines, max_size=4), st.integers(0, 10**9))
def test_any_text_and_amount_survives(title: str, reasons: list[str], cents: int) -> None:
    facts = GRANT.facts.model_copy(
        update={"project_title": title, "reasons": tuple(reasons), "own_share": Decimal(cents) / 100}
    )
    content = GRANT.model_copy(update={"facts": facts})
    assert read_content(content_bytes(content)) == content


def test_the_bytes_are_canonical() -> None:
    written = content_bytes(GRANT)
    members = json.loads(written)
    assert written == json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert "Brücken".encode() in written
    assert members["facts"]["granted_amount"] == "24000.00"
    assert members["facts"]["rate"] == "80.00"


def test_amounts_of_equal_value_give_the_same_digest() -> None:
    facts = {**dict(GRANT.facts), "granted_amount": Decimal("2.4E+4")}
    same = GRANT.model_copy(update={"facts": GrantDecisionFacts.model_validate(facts)})
    assert content_bytes(same) == content_bytes(GRANT)


def test_the_digest_is_the_sha256_of_the_bytes() -> None:
    assert content_digest(b"content") == hashlib.sha256(b"content").hexdigest()


def test_another_word_is_another_digest() -> None:
    assert content_digest(changed(language="en")) != content_digest(changed())


def test_a_fact_the_reader_does_not_know_is_refused_because_the_letter_would_lack_it() -> None:
    with pytest.raises(ValidationError):
        read_content(changed(new_fact="x"))


@pytest.mark.parametrize("kind", ["grant-rejection", "message-waits", "unheard-of", None])
def test_facts_of_another_kind_are_refused(kind: str | None) -> None:
    with pytest.raises(ValidationError):
        read_content(changed(facts={**json.loads(content_bytes(GRANT))["facts"], "kind": kind}))


def test_the_template_renders_facts_of_its_kind() -> None:
    with pytest.raises(ValidationError, match="does not render"):
        LetterContent.model_validate({**dict(GRANT), "facts": MessageWaitsFacts()})


def test_an_email_that_announces_a_message_says_nothing_of_the_decision() -> None:
    assert set(MessageWaitsFacts.model_fields) == {"kind"}


@pytest.mark.parametrize("rate", [Decimal("100.01"), Decimal("-1"), 80, 80.0, "80", Decimal("33.333")])
def test_a_rate_is_a_percentage_with_two_decimals(rate: object) -> None:
    with pytest.raises(ValidationError):
        GrantDecisionFacts.model_validate({**dict(GRANT.facts), "rate": rate})


def test_a_grant_by_a_share_has_the_bytes_it_had_before_there_were_other_kinds_of_financing() -> None:
    facts = json.loads(content_bytes(GRANT))["facts"]
    assert "financing" not in facts
    assert read_content(changed(facts={**facts, "financing": "share"})) == GRANT


def test_another_kind_of_financing_is_written_and_signed() -> None:
    in_full = LETTER_EXAMPLES["grant-decision-in-full"]
    facts = json.loads(content_bytes(in_full))["facts"]
    assert facts["financing"] == "full"
    by_share = changed(in_full, facts={**facts, "financing": "share"})
    assert content_digest(content_bytes(read_content(by_share))) != content_digest(content_bytes(in_full))


@pytest.mark.parametrize("kind", [kind for kind in FinancingType if kind is not FinancingType.SHARE])
def test_the_first_template_is_for_shares_alone(kind: FinancingType) -> None:
    facts = {**json.loads(content_bytes(GRANT))["facts"], "financing": kind}
    with pytest.raises(ValidationError, match="knows share financing alone"):
        read_content(changed(facts=facts))
    assert read_content(changed(facts=facts, template_version=2)).facts.financing is kind  # type: ignore[union-attr]


def test_a_grant_cannot_say_rejected() -> None:
    with pytest.raises(ValidationError):
        read_content(changed(facts={**json.loads(content_bytes(GRANT))["facts"], "outcome": "rejected"}))


def test_a_rejection_gives_a_reason() -> None:
    rejection = LETTER_EXAMPLES["grant-rejection"]
    facts = {**json.loads(content_bytes(rejection))["facts"], "reasons": []}
    with pytest.raises(ValidationError):
        read_content(changed(rejection, facts=facts))


@pytest.mark.parametrize(
    ("field", "value"),
    [("postcode", "5982"), ("ags", "059580041"), ("email", "nobody"), ("city", "A\nB"), ("street", "")],
)
def test_an_address_is_checked_before_it_is_sealed(field: str, value: str) -> None:
    addressee = {**json.loads(content_bytes(GRANT))["addressee"], field: value}
    with pytest.raises(ValidationError):
        read_content(changed(addressee=addressee))


def test_a_letter_without_a_summary_has_the_bytes_it_had_before_there_were_summaries() -> None:
    assert "summary" not in json.loads(content_bytes(GRANT))


def test_the_summary_is_signed_with_the_letter() -> None:
    with_summary = LETTER_EXAMPLES["grant-rejection-with-summary"]
    alone = with_summary.model_copy(update={"summary": None})
    assert content_digest(content_bytes(with_summary)) != content_digest(content_bytes(alone))


@pytest.mark.parametrize(("reminder", "first_asked_on"), [(1, None), (0, "2026-02-16")])
def test_a_reminder_and_nothing_else_names_the_day_on_which_was_asked_first(
    reminder: int, first_asked_on: str | None
) -> None:
    request = LETTER_EXAMPLES["information-request"]
    facts = json.loads(content_bytes(request))["facts"] | {"reminder": reminder, "first_asked_on": first_asked_on}
    with pytest.raises(ValidationError, match="a reminder names the day"):
        read_content(changed(request, facts=facts))


@pytest.mark.parametrize(("kind", "field"), [("information-request", "missing"), ("grant-correction", "points")])
def test_a_letter_without_its_point_is_refused(kind: str, field: str) -> None:
    content = LETTER_EXAMPLES[kind]
    facts = json.loads(content_bytes(content))["facts"] | {field: []}
    with pytest.raises(ValidationError):
        read_content(changed(content, facts=facts))


@pytest.mark.parametrize("kind", ["allocation-decision", "municipality-notice", "grant-decision"])
def test_a_letter_goes_to_whom_letters_of_its_kind_are_for(kind: str) -> None:
    content = LETTER_EXAMPLES[kind]
    for other in ("allocation-hearing", "webhook-disabled", "message-waits"):
        addressee = LETTER_EXAMPLES[other].addressee
        if type(addressee) is not type(content.addressee):
            with pytest.raises(ValidationError, match="another kind of addressee"):
                LetterContent.model_validate({**dict(content), "addressee": addressee})


def test_an_addressee_is_one_kind_and_no_mixture() -> None:
    family = json.loads(content_bytes(LETTER_EXAMPLES["allocation-hearing"]))["addressee"]
    with pytest.raises(ValidationError):
        read_content(changed(LETTER_EXAMPLES["allocation-hearing"], addressee={**family, "organisation": "Verein"}))


@pytest.mark.parametrize("points", ["1e3", "0.5", "-0", "1/0", "01", "", "+1"])
def test_a_figure_of_a_comparison_is_exact(points: str) -> None:
    decision = LETTER_EXAMPLES["allocation-decision"]
    facts = json.loads(content_bytes(decision))["facts"]
    facts["chosen"]["total"] = points
    with pytest.raises(ValidationError):
        read_content(changed(decision, facts=facts))


@pytest.mark.parametrize("alternatives", [[], [0, 0], [0, 1, 2, 2]])
def test_an_allocation_compares_its_town_with_others_and_with_each_once(alternatives: list[int]) -> None:
    decision = LETTER_EXAMPLES["allocation-decision"]
    facts = json.loads(content_bytes(decision))["facts"]
    facts["alternatives"] = [facts["alternatives"][number] for number in alternatives]
    with pytest.raises(ValidationError):
        read_content(changed(decision, facts=facts))


def test_an_allocation_that_compares_its_town_with_itself_is_refused() -> None:
    decision = LETTER_EXAMPLES["allocation-decision"]
    facts = json.loads(content_bytes(decision))["facts"]
    facts["alternatives"][0]["ags"] = facts["chosen"]["ags"]
    with pytest.raises(ValidationError, match="compared with others"):
        read_content(changed(decision, facts=facts))


@pytest.mark.parametrize("missing", ["answered_on", "said", "reply"])
def test_what_the_family_said_is_answered_in_the_decision(missing: str) -> None:
    decision = LETTER_EXAMPLES["allocation-decision"]
    facts = json.loads(content_bytes(decision))["facts"]
    facts["hearing"][missing] = None
    with pytest.raises(ValidationError, match="an answer has its day"):
        read_content(changed(decision, facts=facts))


def test_an_email_to_a_town_names_no_person_and_counts_none() -> None:
    assert set(MunicipalityNoticeFacts.model_fields) == {"kind", "town", "occasion", "placements", "object_until"}


@pytest.mark.parametrize(("occasion", "day"), [("proposed", None), ("revised", None), ("cancelled", "2027-02-24")])
def test_a_town_is_told_the_last_day_of_what_it_may_object_to(occasion: str, day: str | None) -> None:
    notice = LETTER_EXAMPLES["municipality-notice"]
    facts = json.loads(content_bytes(notice))["facts"] | {"occasion": occasion, "object_until": day}
    with pytest.raises(ValidationError, match="may object"):
        read_content(changed(notice, facts=facts))
