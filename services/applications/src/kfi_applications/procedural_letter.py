"""Letters on the way to a decision: that an application came, and what is missing; neither announces an act."""

from dataclasses import dataclass
from datetime import date

from kfi_applications.domain.application import Application
from kfi_applications.domain.programmes.programme import Programme
from kfi_applications.letter import content_for
from kfi_contracts import letters, procedural_letters

DUTY_TO_COOPERATE = "§ 26 Abs. 2 VwVfG NRW"
"""The parties shall help to find the facts; what they do not say may count against them."""


@dataclass(frozen=True)
class MissingInformation:
    """What is asked for: German sentences, the last day of an answer, and the sentence that says what follows.

    A reminder is numbered from 1 and names the day on which was asked first.
    """

    missing: tuple[str, ...]
    reply_by: date
    consequence: str
    reminder: int = 0
    first_asked_on: date | None = None


def receipt_acknowledgement(
    application: Application, programme: Programme, *, hints: tuple[str, ...] = (), written_by: str | None = None
) -> letters.LetterContent:
    """The content of the letter that says an application came (Eingangsbestätigung)."""
    facts = procedural_letters.ReceiptAcknowledgementFacts(
        programme_title=programme.title,
        project_title=application.project.title,
        received_on=application.filed_on,
        late=application.late,
        requested_amount=application.finance_plan.requested_grant,
        hints=hints,
        written_by_name=written_by,
    )
    return content_for(application, facts)


def information_request(
    application: Application, programme: Programme, asked: MissingInformation, *, written_by: str | None = None
) -> letters.LetterContent:
    """The content of the letter that asks for what is missing (Nachforderung).

    Raises ``pydantic.ValidationError`` when nothing is missing, or a reminder does not name the first day.
    """
    facts = procedural_letters.InformationRequestFacts(
        programme_title=programme.title,
        project_title=application.project.title,
        filed_on=application.filed_on,
        missing=asked.missing,
        reply_by=asked.reply_by,
        consequence=asked.consequence,
        reminder=asked.reminder,
        first_asked_on=asked.first_asked_on,
        legal_basis=(DUTY_TO_COOPERATE,),
        written_by_name=written_by,
    )
    return content_for(application, facts)
