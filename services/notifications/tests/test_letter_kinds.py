"""What letters beside the decision say, read from the finished PDF; and what nothing of them may say."""

import unicodedata
from collections.abc import Awaitable, Callable
from datetime import date

import pypdfium2  # type: ignore[import-untyped]
import pytest

from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.domain.court_addresses import CourtDirectory, CourtUnconfirmed
from kfi_notifications.domain.letter import compose
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.typesetting import Document

Contents = Callable[..., LetterContent]
Render = Callable[..., Awaitable[Document]]


def text_of(document: Document) -> str:
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document.content))
    return " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split())


async def test_a_receipt_names_the_day_the_amount_and_that_it_was_late(
    receipt_facts: ReceiptAcknowledgementFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(receipt_facts)))
    expected = [
        "Eingangsbestätigung",
        "in Höhe von 15.000,00 Euro für das Projekt „Nachbarn lernen voneinander“ ist am 16. November 2026 bei mir",
        "Die Antragsfrist war an diesem Tag abgelaufen.",
        "keine Zusage einer Förderung",
        *receipt_facts.hints,
        "gez. Jonas Beispiel",
    ]
    assert [fact for fact in expected if fact not in text] == []


async def test_a_receipt_in_time_says_nothing_of_a_deadline(
    receipt_facts: ReceiptAcknowledgementFacts, content_of: Contents, render: Render
) -> None:
    in_time = receipt_facts.model_copy(update={"late": False})
    assert "Antragsfrist" not in text_of(await render(content_of(in_time)))


async def test_a_request_says_what_is_missing_by_when_and_what_follows(
    information_facts: InformationRequestFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(information_facts)))
    expected = [
        "Nachforderung Zuwendungen",
        "über Ihren am 16. November 2026 eingegangenen Antrag kann ich noch nicht entscheiden",
        *information_facts.missing,
        "bis zum 14. Dezember 2026",
        information_facts.consequence,
        "Rechtsgrundlage: § 26 Abs. 2 VwVfG NRW.",
    ]
    assert [fact for fact in expected if fact not in text] == []


async def test_a_reminder_is_numbered_and_names_the_day_of_the_first_letter(
    information_facts: InformationRequestFacts, content_of: Contents, render: Render
) -> None:
    reminder = information_facts.model_copy(update={"reminder": 2, "first_asked_on": date(2026, 11, 18)})
    text = text_of(await render(content_of(reminder)))
    assert "Nachforderung (2. Erinnerung)" in text
    assert "mit Schreiben vom 18. November 2026" in text


async def test_a_correction_refers_to_the_act_it_changes_and_says_was_and_becomes(
    correction_facts: GrantCorrectionFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(correction_facts)))
    expected = [
        "1. Änderungsbescheid zum Zuwendungsbescheid vom 2. November 2026, Aktenzeichen 36-2026-0042",
        "Punkt bisher jetzt Bewilligungszeitraum 1. Januar 2027 bis 31. Dezember 2028",
        "1. Februar 2027 bis 31. Januar 2029",
        "Im Übrigen bleibt er unverändert.",
        *correction_facts.reasons,
        "innerhalb eines Monats nach Bekanntgabe Klage bei dem Verwaltungsgericht Gelsenkirchen",
        "gez. Dr. Anna Beispiel",
    ]
    assert [fact for fact in expected if fact not in text] == []


@pytest.mark.parametrize("kind", ["receipt_facts", "information_facts"])
async def test_what_is_no_act_says_so_and_gives_no_notice_of_remedies(
    kind: str, request: pytest.FixtureRequest, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(request.getfixturevalue(kind))))
    assert "Es ist kein Bescheid." in text
    assert "Klage" not in text


async def test_only_what_can_be_contested_waits_for_a_court(
    information_facts: InformationRequestFacts,
    correction_facts: GrantCorrectionFacts,
    content_of: Contents,
    letterhead: Letterhead,
) -> None:
    nobody = CourtDirectory(fictitious=True, courts={})
    day = date(2026, 11, 23)
    assert "court" not in compose(content_of(information_facts), letterhead=letterhead, courts=nobody, dated_on=day)
    with pytest.raises(CourtUnconfirmed):
        compose(content_of(correction_facts), letterhead=letterhead, courts=nobody, dated_on=day)


@pytest.mark.parametrize("kind", ["receipt_facts", "information_facts", "correction_facts", "grant_facts"])
async def test_a_draft_says_so_in_its_title_and_is_another_file(
    kind: str, request: pytest.FixtureRequest, content_of: Contents, render: Render
) -> None:
    content = content_of(request.getfixturevalue(kind))
    draft, final = await render(content, draft=True), await render(content)
    title = pypdfium2.PdfDocument(draft.content).get_metadata_value("Title")
    assert title.startswith("Entwurf: ")
    pages = [
        unicodedata.normalize("NFKC", page.get_textpage().get_text_range())
        for page in pypdfium2.PdfDocument(draft.content)
    ]
    assert all("ENTWURF" in page for page in pages)
    assert "ENTWURF" not in text_of(final)
    assert draft.sha256 != final.sha256
    assert draft.pages == final.pages


async def test_the_letter_in_german_is_word_for_word_the_same_with_a_summary(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    alone, added = text_of(await render(content_of(grant_facts))), await render(content_of(grant_facts, summary="uk"))
    german = pypdfium2.PdfDocument(added.content)
    pages = [unicodedata.normalize("NFKC", page.get_textpage().get_text_range()) for page in german]
    without_summary = " ".join(" ".join(pages[:-1]).split())
    assert without_summary == alone.replace(f"von {len(pages) - 1}", f"von {len(pages)}")
