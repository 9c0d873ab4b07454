"""Where letters are set: content, sender, court and summary become one file, the same for a preview and a letter."""

from dataclasses import dataclass
from datetime import date

from kfi_chassis import logs
from kfi_contracts.letters import LetterContent
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letter import compose
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.summaries import Summaries, SummaryPage
from kfi_notifications.domain.summary_facts import kind_of_summary, summary_facts
from kfi_notifications.typesetting import Document, typeset


@dataclass(frozen=True)
class Press:
    """What a letter gets beside its content: the sender, the courts, the sentences in other languages."""

    letterhead: Letterhead
    courts: CourtDirectory
    summaries: Summaries

    async def print(self, content: LetterContent, *, dated_on: date, draft: bool = False) -> Document:
        """Set the letter as of a day; the same content and day give the same bytes, in any process.

        Raises CourtUnconfirmed, NotALetter, SummaryUnknown, TemplateUnknown, LanguageUnknown, TypesettingFailed.
        """
        letter = compose(
            content,
            letterhead=self.letterhead,
            courts=self.courts,
            dated_on=dated_on,
            summary=summary_of(content, self.summaries),
            draft=draft,
        )
        return await typeset(
            content.template, content.template_version, letter, language=content.language, dated_on=dated_on
        )


def summary_of(content: LetterContent, summaries: Summaries) -> SummaryPage | None:
    """The summary a letter asks for; None also where it may not be sent. Raises SummaryUnknown."""
    asked = content.summary
    if asked is None:
        return None
    page = summaries.page(asked.language, asked.version, kind_of_summary(content.facts), summary_facts(content))
    if page is None:
        logs.event("summary_left_out", language=asked.language, version=asked.version)
    return page
