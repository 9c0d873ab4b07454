"""Summaries of a letter in another language, put together from sentences that a person has reviewed.

The sentences are data with their version; a letter names language and version. A review is bound to the text by its
digest: a sentence that is changed afterwards counts as unreviewed again. In production unreviewed sentences are never
sent: the letter leaves in German alone, for a decision does not wait for a courtesy. Elsewhere they are marked.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
EVERY: Final = "every"
"""The sentences that stand in each summary of a language, after those of the letter's kind."""


class SummaryUnknown(LookupError):
    """There are no sentences of this language, version and kind of letter."""


class Sentences(BaseModel):
    """The sentences for one kind of letter; names in braces are facts of the letter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentences: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    reviewed_by: Line | None = None
    reviewed_on: date | None = None
    reviewed_sha256: str | None = None

    @property
    def sha256(self) -> str:
        """What a reviewer confirms: the digest of the sentences in their order."""
        return hashlib.sha256(json.dumps(self.sentences, ensure_ascii=False).encode()).hexdigest()

    @property
    def is_reviewed(self) -> bool:
        """A person stands for this very text, with a day."""
        return self.reviewed_by is not None and self.reviewed_on is not None and self.reviewed_sha256 == self.sha256


class SummaryLanguage(BaseModel):
    """All sentences of one language in one version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    language_in_german: Line
    right_to_left: bool
    title: Line
    kinds: Mapping[str, Sentences]


class SummaryPage(BaseModel):
    """A finished summary, as the template reads it."""

    model_config = ConfigDict(frozen=True)

    language: str
    language_in_german: str
    right_to_left: bool
    title: str
    sentences: tuple[str, ...]
    unreviewed: bool


class Summaries:
    """The sentences of this installation, by language and version."""

    def __init__(self, languages: Mapping[tuple[str, int], SummaryLanguage], *, unreviewed_may_be_shown: bool) -> None:
        self._languages = languages
        self._unreviewed_may_be_shown = unreviewed_may_be_shown

    @property
    def languages(self) -> Mapping[tuple[str, int], SummaryLanguage]:
        """What there is, by language and version."""
        return self._languages

    def page(self, language: str, version: int, kind: str, facts: Mapping[str, str]) -> SummaryPage | None:
        """The summary of a letter; None where it may not be sent, because nobody has reviewed it.

        Raises SummaryUnknown for what is no language, version or kind of this installation.
        """
        found = self._languages.get((language, version))
        if found is None or kind not in found.kinds or EVERY not in found.kinds:
            raise SummaryUnknown
        parts = (found.kinds[kind], found.kinds[EVERY])
        unreviewed = not all(part.is_reviewed for part in parts)
        if unreviewed and not self._unreviewed_may_be_shown:
            return None
        written = {name: _isolated(fact) for name, fact in facts.items()} if found.right_to_left else facts
        return SummaryPage(
            language=found.language,
            language_in_german=found.language_in_german,
            right_to_left=found.right_to_left,
            title=found.title,
            sentences=tuple(filled(sentence, written) for part in parts for sentence in part.sentences),
            unreviewed=unreviewed,
        )


def _isolated(fact: str) -> str:
    """A fact inside a text from right to left keeps its own order: amount, day, file number (UAX 9, 2.4)."""
    return f"\N{LEFT-TO-RIGHT ISOLATE}{fact}\N{POP DIRECTIONAL ISOLATE}"


def filled(sentence: str, facts: Mapping[str, str]) -> str:
    """Put facts in the place of their names in braces; nothing else of a sentence or a fact is interpreted."""
    for name, value in facts.items():
        sentence = sentence.replace(f"{{{name}}}", value)
    return sentence
