"""What the letters about a household's town say, read from the finished PDF; and what no e-mail to a town may say."""

import unicodedata
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import pypdfium2  # type: ignore[import-untyped]
import pytest

from kfi_contracts.allocation_letters import (
    AllocationDecisionFacts,
    CommunityStated,
    MunicipalityNoticeFacts,
    NoticeOccasion,
    WebhookDisabledFacts,
)
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import EMAIL_KINDS, LetterContent
from kfi_notifications.domain.court_addresses import CourtDirectory, CourtUnconfirmed
from kfi_notifications.domain.email import Email, written
from kfi_notifications.domain.letter import NotALetter, compose
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.town_email import municipality_notice, webhook_disabled
from kfi_notifications.typesetting import Document

Example = Callable[..., LetterContent]
Render = Callable[..., Awaitable[Document]]
DAY = date(2027, 3, 8)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def text_of(document: Document) -> str:
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document.content))
    return plain(" ".join(pages))


async def missing_in(content: LetterContent, render: Render, *expected: str) -> list[str]:
    text = text_of(await render(content, dated_on=DAY))
    return [each for each in expected if plain(each) not in text]


async def test_a_decision_gives_the_chosen_town_against_the_three_best_alternatives_on_each_criterion(
    example_of: Example, render: Render
) -> None:
    content = example_of("allocation-decision")
    facts = content.facts
    assert isinstance(facts, AllocationDecisionFacts)
    towns = (facts.chosen, *facts.alternatives)
    rows = [f"{town.name} {town.reception}" for town in towns]
    for criterion, points in (("relatives", "0 320 800 800"), ("integration", "40 0 0 80")):
        found = [getattr(town, criterion).finding for town in towns]
        rows += [f"{town.name} {each} {of}" for town, each, of in zip(towns, found, points.split(), strict=True)]
    rows += [
        "Aufnahmesituation der Gemeinde", "Angehörige und Wunsch", "Integration, Betreuung und Beschäftigung vor Ort",
        "Gleichmäßige Verteilung im Land", "Dortmund mit den drei Gemeinden, die danach am ehesten in Betracht kamen",
        "Bielefeld Die Gemeinde hat ihren Anteil bereits aufgenommen. 53 1/3",
        "Dortmund Diese Gemeinde habe ich gewählt. −360", "Bielefeld Nicht gewählt. 933 1/3",  # noqa: RUF001
    ]  # fmt: skip
    assert await missing_in(content, render, *rows) == []


async def test_a_decision_says_what_the_family_said_and_what_became_of_it(example_of: Example, render: Render) -> None:
    expected = (
        "Mit Schreiben vom 17. Februar 2027 habe ich Ihnen Gelegenheit gegeben, sich bis zum 3. März 2027 zu äußern.",
        "Sie haben am 26. Februar 2027 geantwortet:",
        "„Wir möchten nach Dortmund oder nach Münster.“ Ihrem Wunsch nach Dortmund folge ich.",
    )
    assert await missing_in(example_of("allocation-decision"), render, *expected) == []
    assert await missing_in(example_of("allocation-decision-unheard"), render, "Sie haben sich nicht geäußert.") == []


@pytest.mark.parametrize(("supports", "said"), [(True, "befürwortet"), (False, "nicht befürwortet")])
async def test_a_decision_says_what_the_community_said(
    supports: bool, said: str, example_of: Example, render: Render
) -> None:
    community = CommunityStated(
        asked_on=date(2027, 2, 17), answered_on=date(2027, 2, 20), supports=supports, reply="Das habe ich gewogen."
    )
    expected = f"Sie hat die Aufnahme in Dortmund am 20. Februar 2027 {said}. Das habe ich gewogen."
    assert await missing_in(example_of("allocation-decision", community=community), render, expected) == []


async def test_a_decision_names_whom_it_is_about_what_it_rests_on_and_who_signed(
    example_of: Example, render: Render
) -> None:
    expected = (
        "Zuweisungsbescheid Ihre Aufnahme in Dortmund Neuansiedlung von Schutzsuchenden (§ 23 Abs. 4 AufenthG)",
        "Amina Beispiel, geboren am 2. Mai 1991", "Omar Beispiel", "§ 16 Abs. 1, § 14 Nr. 4 TIntG",
        "Die Nähe zu Ihren Angehörigen hat für mich das größte Gewicht.", "Regelwerk population-2026", "6b" * 32,
        "gez. M. Beispiel", "Auskunft erteilt Aufnahme und Verteilung",
    )  # fmt: skip
    assert await missing_in(example_of("allocation-decision"), render, *expected) == []


async def test_a_decision_that_replaces_another_one_says_so(example_of: Example, render: Render) -> None:
    replaced = example_of("allocation-decision", replaces_decision_of=date(2027, 2, 1))
    expected = "tritt an die Stelle meines Zuweisungsbescheides vom 1. Februar 2027"
    assert await missing_in(replaced, render, expected) == []
    assert await missing_in(example_of("allocation-decision"), render, expected) == [expected]


async def test_persons_without_a_name_are_counted(example_of: Example, render: Render) -> None:
    content = example_of("allocation-decision", person_count=6)
    assert await missing_in(content, render, "Dazu kommen 2 weitere Personen Ihres Haushalts.") == []
    nobody = example_of("allocation-decision", persons=(), person_count=1)
    assert await missing_in(nobody, render, "Ihr Haushalt hat eine Person.") == []


@pytest.mark.parametrize(("ags", "court"), [(None, "arnsberg"), ("05515000", "muenster"), ("05315000", "koeln")])
async def test_the_remedy_notice_names_the_court_of_the_residence_or_of_the_authority(
    ags: str | None, court: str, example_of: Example, render: Render, courts: CourtDirectory
) -> None:
    named = courts.courts[court]
    expected = f"innerhalb eines Monats nach Bekanntgabe Klage bei dem {named.name}, {named.address}"
    assert await missing_in(example_of("allocation-decision", to={"ags": ags}), render, expected) == []


async def test_the_effect_of_an_action_is_told_only_where_the_office_has_said_what_it_is(
    example_of: Example, render: Render
) -> None:
    configured = text_of(await render(example_of("allocation-decision-unheard"), dated_on=DAY))
    silent = text_of(await render(example_of("allocation-decision"), dated_on=DAY))
    assert "Wirkung einer Klage Die Klage hat aufschiebende Wirkung" in configured
    assert "aufschiebend" not in silent
    assert configured.index("Wirkung einer Klage") < configured.index("Rechtsbehelfsbelehrung"), "the notice stays pure"


async def test_a_hearing_says_which_town_why_and_by_when(example_of: Example, render: Render) -> None:
    expected = (
        "Anhörung zu Ihrer Aufnahme in Dortmund", "Ihre Ankunft ist für den 17. März 2027 angekündigt.",
        "Ihre Angehörigen wohnen in Dortmund.", "Bitte antworten Sie bis zum 3. März 2027",
        "entscheide ich nach dem, was mir bekannt ist", "§ 28 Abs. 1 VwVfG NRW", "Es ist kein Bescheid.",
    )  # fmt: skip
    assert await missing_in(example_of("allocation-hearing"), render, *expected) == []


async def test_an_agreement_orders_nothing(example_of: Example, render: Render) -> None:
    text = text_of(await render(example_of("placement-agreement"), dated_on=DAY))
    assert "Sie sind damit einverstanden, in der Gemeinde Dortmund aufgenommen zu werden" in text
    assert "Es ist kein Bescheid." in text
    assert "Rechtsbehelfsbelehrung" not in text
    assert "weise" not in text


async def test_only_the_decision_waits_for_a_court(example_of: Example, letterhead: Letterhead) -> None:
    nobody = CourtDirectory(fictitious=True, courts={})
    for kind in ("allocation-hearing", "placement-agreement"):
        assert "court" not in compose(example_of(kind), letterhead=letterhead, courts=nobody, dated_on=DAY)
    with pytest.raises(CourtUnconfirmed):
        compose(example_of("allocation-decision"), letterhead=letterhead, courts=nobody, dated_on=DAY)


def test_an_email_is_no_letter(example_of: Example, letterhead: Letterhead, courts: CourtDirectory) -> None:
    with pytest.raises(NotALetter):
        compose(example_of("municipality-notice"), letterhead=letterhead, courts=courts, dated_on=DAY)


def test_notices_of_the_office_and_a_missing_office_of_its_own_are_told_as_they_are(
    example_of: Example, letterhead: Letterhead, courts: CourtDirectory
) -> None:
    content = example_of("allocation-hearing", notices=("Der Bescheid bindet drei Jahre.",))
    alone = letterhead.model_copy(update={"allocation": None})
    letter = compose(content, letterhead=alone, courts=courts, dated_on=DAY)
    assert {"label": "Auskunft erteilt", "value": letterhead.office, "strong": False} in letter["information"]  # type: ignore[operator]
    assert letter["facts"]["notices"] == ["Der Bescheid bindet drei Jahre."]  # type: ignore[index]


NOTICES = {
    ("proposed", 1): "für Dortmund gibt es einen Vorschlag zur Aufnahme.",
    ("proposed", 3): "für Dortmund gibt es 3 Vorschläge zur Aufnahme.",
    ("revised", 1): "für Dortmund gibt es einen Vorschlag zur Aufnahme, weil eine frühere Verteilung geändert wurde.",
    ("revised", 2): "für Dortmund gibt es 2 Vorschläge zur Aufnahme, weil",
    ("cancelled", 1): "für Dortmund gilt ein Vorschlag zur Aufnahme nicht mehr.",
    ("cancelled", 2): "für Dortmund gelten 2 Vorschläge zur Aufnahme nicht mehr.",
    ("settled", 1): "für Dortmund steht fest: ein Vorschlag zur Aufnahme ist entschieden oder vereinbart.",
    ("settled", 2): "für Dortmund steht fest: 2 Vorschläge zur Aufnahme sind entschieden oder vereinbart.",
}


@pytest.mark.parametrize(("occasion", "placements"), NOTICES)
def test_a_town_is_asked_to_look_behind_the_gateway_in_whole_sentences(
    occasion: str, placements: int, letterhead: Letterhead
) -> None:
    may_object = occasion in {"proposed", "revised"}
    facts = MunicipalityNoticeFacts(
        town="Dortmund", occasion=NoticeOccasion(occasion), placements=placements,
        object_until=date(2027, 2, 24) if may_object else None,
    )  # fmt: skip
    text = municipality_notice(facts, letterhead).text
    assert NOTICES[occasion, placements] in text
    assert str(letterhead.towns_url) in text
    assert ("Einwände sind dort bis zum 24." in plain(text)) == may_object


def test_no_email_to_a_town_tells_of_a_person_a_day_of_arrival_or_an_address(letterhead: Letterhead) -> None:
    """The models have no field for it; whatever is added to them later has to be thought about here."""
    said: list[Email] = []
    for name in ("municipality-notice", "municipality-notice-cancelled", "webhook-disabled"):
        facts = LETTER_EXAMPLES[name].facts
        if isinstance(facts, MunicipalityNoticeFacts):
            said.append(municipality_notice(facts, letterhead))
        elif isinstance(facts, WebhookDisabledFacts):
            said.append(webhook_disabled(facts, letterhead))
    assert len(said) == 3
    assert not any(word in each.text for each in said for word in ("Beispiel", "Person", "Ankunft", "Familie"))


def test_a_technical_contact_is_told_which_endpoint_since_when_and_what_to_do(letterhead: Letterhead) -> None:
    facts = LETTER_EXAMPLES["webhook-disabled"].facts
    assert isinstance(facts, WebhookDisabledFacts)
    mail = written(
        UUID(int=1), "technik@stadt.example", webhook_disabled(facts, letterhead), sender="kfi@bra.example",
        letterhead=letterhead, written_at=datetime(2027, 2, 22, 8, tzinfo=UTC),
    )  # fmt: skip
    message = message_from_bytes(mail, policy=SMTP)
    text = plain(message.get_content())
    assert message["Subject"] == "Zustellung von Ereignissen abgeschaltet"
    for fact in ("empfang.stadt.example", str(facts.endpoint_id), "17. Februar 2027", "22. Februar 2027", "nachsenden"):
        assert fact in text


def test_whatever_is_an_email_has_no_template_of_a_letter() -> None:
    assert {"municipality-notice", "webhook-disabled", "message-waits"} == EMAIL_KINDS
