"""What a grant letter says about its type of financing, read from the finished PDF."""

import unicodedata
from collections.abc import Awaitable, Callable

import pypdfium2  # type: ignore[import-untyped]
import pytest

from kfi_contracts.letters import FinancingType, GrantDecisionFacts, LetterContent
from kfi_notifications.typesetting import Document

Contents = Callable[..., LetterContent]
Render = Callable[..., Awaitable[Document]]


def text_of(document: Document) -> str:
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document.content))
    return " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split())


async def test_a_grant_in_full_says_full_financing_and_asks_for_no_own_share(
    grant_in_full_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    text = text_of(await render(content_of(grant_in_full_facts, template_version=2)))
    financing = (
        "als Projektförderung im Wege der Vollfinanzierung bei zuwendungsfähigen Gesamtausgaben von 6.480,00 Euro als"
        " nicht rückzahlbarer Zuschuss gewährt und ist auf den in Nummer 1 genannten Betrag begrenzt. Ausgaben, die"
        " darüber hinausgehen, tragen Sie selbst."
    )
    assert financing in text
    assert "Noch zu deckender Betrag 480,00 Euro Finanzierung insgesamt 6.480,00 Euro" in text
    assert [word for word in ("Anteilfinanzierung", "Eigenanteil", "Engagement", "100 %") if word in text] == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            FinancingType.SHARE,
            "Anteilfinanzierung in Höhe von 80 % der zuwendungsfähigen Gesamtausgaben von 18.500,00 Euro",
        ),
        (FinancingType.DEFICIT, "Fehlbedarfsfinanzierung bei zuwendungsfähigen Gesamtausgaben von 18.500,00 Euro"),
        (FinancingType.FIXED_AMOUNT, "Festbetragsfinanzierung nach den im Finanzierungsplan genannten festen Beträgen"),
        (FinancingType.FULL, "Vollfinanzierung bei zuwendungsfähigen Gesamtausgaben von 18.500,00 Euro"),
    ],
)
async def test_the_second_template_says_each_kind_of_financing_by_its_name(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render, kind: FinancingType, said: str
) -> None:
    facts = grant_facts.model_copy(update={"financing": kind})
    text = text_of(await render(content_of(facts, template_version=2)))
    assert f"im Wege der {said} als nicht rückzahlbarer Zuschuss" in text
    assert ("Ihr Eigenanteil beträgt" in text) is (kind in {FinancingType.SHARE, FinancingType.DEFICIT})


async def test_a_share_reads_the_same_in_both_templates(
    grant_facts: GrantDecisionFacts, content_of: Contents, render: Render
) -> None:
    first, second = [text_of(await render(content_of(grant_facts, template_version=each))) for each in (1, 2)]
    assert first == second
