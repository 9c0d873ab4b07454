"""Summaries in other languages: only reviewed sentences leave in production, and no fact is lost on the way."""

import unicodedata
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from string import Formatter

import pypdfium2  # type: ignore[import-untyped]
import pytest

from kfi_chassis.commands import execute
from kfi_chassis.settings import ConfigurationError, Profile
from kfi_contracts.applications import Outcome
from kfi_contracts.letter_examples import LETTER_EXAMPLES
from kfi_contracts.letters import EMAIL_KINDS, GrantDecisionFacts, GrantRejectionFacts, LetterContent
from kfi_notifications.configuration import SUMMARIES, read_summaries
from kfi_notifications.domain.summaries import EVERY, Sentences, Summaries, SummaryLanguage, SummaryUnknown
from kfi_notifications.domain.summary_facts import IN_PART, kind_of_summary, summary_facts
from kfi_notifications.main import SERVICE
from kfi_notifications.typesetting import Document

Contents = Callable[..., LetterContent]
Render = Callable[..., Awaitable[Document]]
LANGUAGES = ["ar", "en", "ru", "tr", "uk"]
KINDS = {kind_of_summary(each.facts) for each in LETTER_EXAMPLES.values()} - EMAIL_KINDS | {IN_PART}


def reviewed(text: str, **changes: object) -> Sentences:
    plain = Sentences(sentences=(text,))
    marks = {"reviewed_by": "M. Prüferin", "reviewed_on": date(2026, 11, 1), "reviewed_sha256": plain.sha256}
    return Sentences.model_validate(plain.model_dump() | marks | changes)


def summaries_of(kind: Sentences, every: Sentences, *, shown: bool = False) -> Summaries:
    language = SummaryLanguage(
        language="en",
        language_in_german="Englisch",
        right_to_left=False,
        title="Summary",
        kinds={"grant-rejection": kind, EVERY: every},
    )
    return Summaries({("en", 1): language}, unreviewed_may_be_shown=shown)


def test_reviewed_sentences_are_sent_with_their_facts_in_place() -> None:
    summaries = summaries_of(reviewed("Refused: {requested_amount}."), reviewed("See {reference}."))
    page = summaries.page("en", 1, "grant-rejection", {"requested_amount": "15.000,00 €", "reference": "36-1"})
    assert page is not None
    assert page.sentences == ("Refused: 15.000,00 €.", "See 36-1.")
    assert not page.unreviewed


@pytest.mark.parametrize(
    "part",
    [
        Sentences(sentences=("Refused.",)),
        reviewed("Refused.", reviewed_by=None),
        reviewed("Refused.", reviewed_on=None),
        reviewed("Refused.", sentences=("Refused, changed after the review.",)),
    ],
    ids=["never", "by nobody", "on no day", "changed afterwards"],
)
def test_what_nobody_has_reviewed_is_never_sent_and_marked_where_it_is_shown(part: Sentences) -> None:
    good = reviewed("Good.")
    for kind, every in ((part, good), (good, part)):
        assert summaries_of(kind, every).page("en", 1, "grant-rejection", {}) is None
        page = summaries_of(kind, every, shown=True).page("en", 1, "grant-rejection", {})
        assert page is not None
        assert page.unreviewed


def test_production_never_shows_the_sentences_that_come_with_the_service() -> None:
    packaged = read_summaries(SUMMARIES, Profile.PRODUCTION)
    found = {
        (language, kind): packaged.page(language, 1, kind, {})
        for language in LANGUAGES
        for kind in packaged.languages[language, 1].kinds
    }
    assert set(found.values()) == {None}, "nobody has reviewed them yet"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_sentences_for_every_kind_of_letter(summaries: Summaries, language: str) -> None:
    assert set(summaries.languages[language, 1].kinds) == KINDS | {EVERY}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_the_same_facts_and_only_those_of_the_letter(summaries: Summaries, language: str) -> None:
    for kind, part in summaries.languages[language, 1].kinds.items():
        names = {name for sentence in part.sentences for _, name, _, _ in Formatter().parse(sentence) if name}
        english = summaries.languages["en", 1].kinds[kind]
        expected = {name for sentence in english.sentences for _, name, _, _ in Formatter().parse(sentence) if name}
        assert names == expected, kind
    for example in LETTER_EXAMPLES.values():
        if example.facts.kind in EMAIL_KINDS:
            continue
        page = summaries.page(language, 1, kind_of_summary(example.facts), summary_facts(example))
        assert page is not None
        assert not any("{" in sentence for sentence in page.sentences)


@pytest.mark.parametrize(
    ("language", "version", "kind"),
    [("fr", 1, "grant-rejection"), ("en", 9, "grant-rejection"), ("en", 1, "message-waits")],
)
def test_sentences_that_are_not_there_are_never_replaced_by_others(
    summaries: Summaries, language: str, version: int, kind: str
) -> None:
    with pytest.raises(SummaryUnknown):
        summaries.page(language, version, kind, {})


def test_a_grant_in_part_says_in_its_summary_that_the_rest_is_refused(grant_facts: GrantDecisionFacts) -> None:
    assert kind_of_summary(grant_facts) == IN_PART
    assert kind_of_summary(grant_facts.model_copy(update={"outcome": Outcome.GRANTED})) == "grant-decision"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_summary_stands_on_a_page_of_its_own_that_calls_it_unreviewed(
    rejection_facts: GrantRejectionFacts, content_of: Contents, render: Render, language: str
) -> None:
    pages = pypdfium2.PdfDocument((await render(content_of(rejection_facts, summary=language))).content)
    last = unicodedata.normalize("NFKC", pages[len(pages) - 1].get_textpage().get_text_range())
    assert "Allein der deutsche Text gilt." in last
    assert "Ungeprüfter Entwurf einer Übersetzung" in last
    assert "15.000,00" in last
    assert "36-2026-0042" in last
    assert "Zusammenfassung" not in pages[0].get_textpage().get_text_range()


def test_facts_in_a_text_from_right_to_left_keep_their_own_order(
    summaries: Summaries, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    content = content_of(rejection_facts)
    arabic = summaries.page("ar", 1, "grant-rejection", summary_facts(content))
    turkish = summaries.page("tr", 1, "grant-rejection", summary_facts(content))
    assert arabic is not None
    assert turkish is not None
    assert any("\N{LEFT-TO-RIGHT ISOLATE}36-2026-0042\N{POP DIRECTIONAL ISOLATE}" in each for each in arabic.sentences)
    assert not any("\N{LEFT-TO-RIGHT ISOLATE}" in each for each in turkish.sentences)


def test_a_file_that_names_another_language_than_its_own_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "fr.toml").write_text((SUMMARIES / "1" / "en.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(ConfigurationError, match="correct one"):
        read_summaries(tmp_path, Profile.TEST)


def test_a_reviewer_is_told_the_digest_of_each_text(summaries: Summaries, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(SERVICE, ["summaries"]) == 0
    digest = summaries.languages["ar", 1].kinds["grant-rejection"].sha256
    lines = capsys.readouterr().out.splitlines()
    assert f"ar 1 grant-rejection {digest} not reviewed" in lines
    assert len(lines) == len(LANGUAGES) * len(KINDS | {EVERY})
