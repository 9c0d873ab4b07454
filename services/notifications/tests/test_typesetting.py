"""What the rendered letter promises, read from the finished PDF with a reader of its own (PDFium)."""

import unicodedata
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest

from kfi_contracts.applications import Outcome
from kfi_contracts.letters import FinanceLine, GrantDecisionFacts, GrantRejectionFacts, LetterContent
from kfi_notifications import typesetting
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letter import DEMONSTRATION, compose
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.typesetting import Document, LanguageUnknown, TemplateUnknown, TypesettingFailed, typeset

DAY = date(2026, 11, 23)
MM = 72 / 25.4
PAGE_HEIGHT = 297 * MM
Contents = Callable[..., LetterContent]
Render = Callable[..., Awaitable[Document]]


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def pages_of(document: Document) -> list[str]:
    pdf = pypdfium2.PdfDocument(document.content)
    return [plain(page.get_textpage().get_text_range()) for page in pdf]


def text_of(document: Document) -> str:
    return " ".join(pages_of(document))


def text_within(document: Document, left: float, top: float, right: float, bottom: float) -> str:
    """The text of the first page whose glyphs lie in the rectangle, millimetres from the upper left corner."""
    page = pypdfium2.PdfDocument(document.content)[0].get_textpage()
    return plain(page.get_text_bounded(left * MM, PAGE_HEIGHT - bottom * MM, right * MM, PAGE_HEIGHT - top * MM))


def top_of(document: Document, words: str) -> float:
    """How far below the upper edge of the first page the words begin, in millimetres."""
    page = pypdfium2.PdfDocument(document.content)[0].get_textpage()
    found = page.search(words, match_case=True).get_next()
    assert found is not None, words
    return float((PAGE_HEIGHT - page.get_charbox(found[0])[3]) / MM)


async def test_every_fact_of_a_grant_is_read_from_its_letter(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(grant_facts)))
    expected = [
        "Zuwendungsbescheid (Teilbewilligung)",
        grant_facts.programme_title,
        f"Projekt „{grant_facts.project_title}“",
        "vom 1. Januar 2027 bis zum 31. Dezember 2028",
        "Zuwendung in Höhe von 14.800,00 Euro",
        "Beantragt hatten Sie 15.000,00 Euro. Im Übrigen lehne ich Ihren Antrag ab.",
        "Anteilfinanzierung in Höhe von 80 % der zuwendungsfähigen Gesamtausgaben von 18.500,00 Euro",
        "Ihr Eigenanteil beträgt 3.700,00 Euro.",
        "Bürgerschaftliches Engagement ist darin mit 2.775,00 Euro anerkannt.",
        "2027 7.300,00 Euro 2028 7.500,00 Euro Zuwendung insgesamt 14.800,00 Euro",
        "Ausgaben Betrag Personal 12.000,00 Euro Raummiete und Material 3.725,00 Euro",
        "Bürgerschaftliches Engagement 2.775,00 Euro Zuwendungsfähige Gesamtausgaben 18.500,00 Euro",
        "Einnahmen Betrag Eigenmittel 925,00 Euro Bürgerschaftliches Engagement 2.775,00 Euro",
        "Zuwendung 14.800,00 Euro Finanzierung insgesamt 18.500,00 Euro",
        *grant_facts.reasons,
        *grant_facts.conditions,
        *grant_facts.legal_basis,
        "gez. Dr. Anna Beispiel",
        "36-2026-0042",
        "23. November 2026",
    ]
    assert [fact for fact in expected if plain(fact) not in text] == []


async def test_every_fact_of_a_rejection_is_read_from_its_letter(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(rejection_facts)))
    expected = [
        "Ablehnungsbescheid",
        rejection_facts.programme_title,
        "in Höhe von 15.000,00 Euro für das Projekt „Nachbarn lernen voneinander“ lehne ich ab.",
        *rejection_facts.reasons,
        *rejection_facts.legal_basis,
    ]
    assert [fact for fact in expected if plain(fact) not in text] == []


async def test_a_grant_in_full_refuses_nothing(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    facts = grant_facts.model_copy(update={"outcome": Outcome.GRANTED, "civic_work_recognised": Decimal("0.00")})
    text = text_of(await render(content_of(facts)))
    assert "lehne ich" not in text
    assert "Teilbewilligung" not in text
    assert "Engagement ist darin" not in text


async def test_the_remedy_notice_names_the_court_of_the_seat_with_its_confirmed_address(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render, courts: CourtDirectory
) -> None:
    text = text_of(await render(content_of(grant_facts, ags="05315000")))
    court = courts.courts["koeln"]
    assert f"innerhalb eines Monats nach Bekanntgabe Klage bei dem {court.name}, {court.address}" in text
    assert "Gelsenkirchen" not in text


async def test_invented_data_is_called_so_on_every_page(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    pages = pages_of(await render(content_of(grant_facts)))
    assert len(pages) > 1
    assert all(DEMONSTRATION in page for page in pages)
    assert "(erfundene Anschrift)" in " ".join(pages)


async def test_confirmed_data_leaves_no_mark_of_a_demonstration(
    grant_facts: GrantDecisionFacts, content_of: Contents, letterhead: Letterhead, courts: CourtDirectory
) -> None:
    real = {"fictitious": False}
    letter = compose(
        content_of(grant_facts),
        letterhead=letterhead.model_copy(update=real),
        courts=courts.model_copy(update=real),
        dated_on=DAY,
    )
    text = text_of(await typeset("grant-decision", 1, letter, language="de", dated_on=DAY))
    assert "erfunden" not in text
    assert "VORFÜHRUNG" not in text


async def test_the_address_stands_alone_in_the_window_of_din_5008_form_b(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render, letterhead: Letterhead
) -> None:
    document = await render(content_of(grant_facts))
    assert text_within(document, 20, 45, 105, 62.7) == letterhead.return_address
    address = "Brücken bauen „Köprü“ e. V. z. Hd. Frau Şükran Łukasiewicz-Öztürk Unter den Linden 12 a 44135 Dortmund"
    assert text_within(document, 20, 62.7, 105, 90) == address
    assert text_within(document, 24.5, 62.7, 105, 90) == address  # nothing hangs out on the left
    assert text_within(document, 20, 32, 105, 45) == ""
    assert text_within(document, 124, 50, 200, 98).startswith("Datum 23. November 2026 Aktenzeichen")


async def test_the_subject_stands_below_the_window(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    assert 98.4 <= top_of(await render(content_of(rejection_facts)), "Ablehnungsbescheid") <= 105


async def test_the_longest_name_shrinks_but_stays_in_the_window(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    name = ("Verein zur Förderung des nachbarschaftlichen Zusammenlebens " * 6).strip()
    document = await render(content_of(rejection_facts, organisation=name))
    window = text_within(document, 20, 62.7, 105, 90)
    assert window.startswith(name)
    assert window.endswith("44135 Dortmund")


async def test_an_address_too_long_for_the_window_stops_the_letter(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    with pytest.raises(TypesettingFailed) as failure:
        await render(content_of(rejection_facts, organisation="Verein " * 57, attention="Vorstand " * 44))
    assert failure.value.code == "address_too_long"


async def test_sixty_reasons_are_all_there_in_order_on_numbered_pages(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    reasons = tuple(f"Grund Nummer {number}: Die Voraussetzung {number} der Richtlinie fehlt." for number in range(60))
    document = await render(content_of(rejection_facts.model_copy(update={"reasons": reasons})))
    pages = pages_of(document)
    assert document.pages == len(pages) >= 3
    positions = [" ".join(pages).find(reason) for reason in reasons]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert all(f"Seite {number} von {len(pages)}" in page for number, page in enumerate(pages, 1))


@pytest.mark.parametrize(
    "name", ["Äöüß ẞ Straße", "İstanbul ışığı Çağ Şölen", "Źdźbło Świętokrzyskie Łódź", "Đorđe Žižić Ș Ț"]
)
async def test_letters_of_our_neighbours_are_printed_as_written(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render, name: str
) -> None:
    facts = rejection_facts.model_copy(update={"project_title": name})
    assert f"Projekt „{plain(name)}“" in text_of(await render(content_of(facts)))


@pytest.mark.parametrize("character", ["\N{CJK UNIFIED IDEOGRAPH-4E00}", "\0"])
async def test_a_character_that_cannot_be_shown_stops_the_letter(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render, character: str
) -> None:
    facts = rejection_facts.model_copy(update={"project_title": f"Projekt {character}"})
    with pytest.raises(TypesettingFailed) as failure:
        await render(content_of(facts))
    assert failure.value.code == "missing_glyph"
    assert character not in str(failure.value)


async def test_a_byte_order_mark_pasted_with_a_text_holds_up_no_letter(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render
) -> None:
    unmarked = rejection_facts.model_copy(update={"project_title": "Brücken"})
    pasted = rejection_facts.model_copy(update={"project_title": "\ufeffBrücken\ufeff"})
    assert await render(content_of(pasted)) == await render(content_of(unmarked))


@pytest.mark.parametrize(
    "hostile",
    [
        '#panic("x")',
        '#read("/etc/passwd")',
        "$x^2$ *bold* _slanted_",
        '#import "/layout/1/form_b.typ"',
        "\\u{41} // comment",
        '"); #evil("',
        "= heading",
        "@label <label>",
        "https://example.org/~a_b",
        "```raw```",
    ],
)
async def test_what_an_applicant_writes_is_printed_and_never_executed(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render, hostile: str
) -> None:
    facts = rejection_facts.model_copy(update={"project_title": hostile, "reasons": (hostile,)})
    text = text_of(await render(content_of(facts, organisation=hostile)))
    assert text.replace(" ", "").count(hostile.replace(" ", "")) == 4  # address, subject, decision, reason


async def test_the_same_letter_has_the_same_bytes(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    first, second = await render(content_of(grant_facts)), await render(content_of(grant_facts))
    assert first.content == second.content
    assert first.sha256 == second.sha256


async def test_the_day_of_the_letter_is_in_its_bytes(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    another_day = await render(content_of(grant_facts), dated_on=date(2026, 11, 24))
    assert another_day.sha256 != (await render(content_of(grant_facts))).sha256


async def test_the_file_is_dated_by_the_letter_and_by_no_clock(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    document = await render(content_of(grant_facts))
    assert pypdfium2.PdfDocument(document.content).get_metadata_value("CreationDate").startswith("D:20261123120000")


def test_no_font_of_the_machine_is_used() -> None:
    assert typesetting._fonts().families() == ["Noto Sans", "Noto Sans Arabic"]


async def test_a_long_finance_plan_runs_over_the_page(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    lines = tuple(FinanceLine(label=f"Position {number}", amount=Decimal("1.00")) for number in range(80))
    text = text_of(await render(content_of(grant_facts.model_copy(update={"finance_lines": lines}))))
    assert all(f"Position {number} 1,00 Euro" in text for number in range(80))


@pytest.mark.parametrize(("template", "version"), [("grant-decision", 3), ("../layout", 1), ("layout/1/form_b.typ", 1)])
async def test_only_templates_of_the_catalogue_are_set(template: str, version: int) -> None:
    with pytest.raises(TemplateUnknown):
        await typeset(template, version, {}, language="de", dated_on=DAY)


async def test_a_language_without_templates_is_refused() -> None:
    with pytest.raises(LanguageUnknown):
        await typeset("grant-decision", 1, {}, language="fr", dated_on=DAY)


async def test_a_warning_of_the_typesetter_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = tmp_path / "sample" / "1" / "letter.typ"
    template.parent.mkdir(parents=True)
    text = '#set document(title: "t")\n#set text(font: "{font}", fallback: false)\nText #metadata(1) <page-count>'
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)
    monkeypatch.setattr(typesetting, "template_files", lambda: {("sample", 1): template})
    template.write_text(text.replace("{font}", "Noto Sans"))
    assert (await typeset("sample", 1, {}, language="de", dated_on=DAY)).pages == 1
    template.write_text(text.replace("{font}", "Font That Nobody Has"))
    with pytest.raises(TypesettingFailed) as failure:
        await typeset("sample", 1, {}, language="de", dated_on=DAY)
    assert failure.value.code == "warning"
