"""What a letter says: the signed facts, the sender, the court and the day, as plain text for the template.

The template gets text and never markup: whatever an applicant wrote is printed as it was written.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from kfi_contracts.addressees import Addressee, FamilyAddressee, MailAddressee
from kfi_contracts.allocation_letters import AllocationDecisionFacts, AllocationHearingFacts, PlacementAgreementFacts
from kfi_contracts.applications import Outcome
from kfi_contracts.letters import GrantDecisionFacts, GrantRejectionFacts, LetterContent
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.domain import allocation_letter, procedural_letter
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.finance_plan import tables_of
from kfi_notifications.domain.german import written_amount, written_date, written_percentage
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.summaries import SummaryPage

Letter = dict[str, object]
"""The data of a letter as the templates read it: text, numbers, truth values, lists and tables of them."""

DEMONSTRATION: Final = "Vorführung: Personen, Anschriften und Gericht sind erfunden. Kein Verwaltungsakt."
DRAFT: Final = "Entwurf"
_TITLES: Final = {
    "grant-decision": "Zuwendungsbescheid",
    "grant-rejection": "Ablehnungsbescheid",
    "grant-correction": "Änderungsbescheid",
    "receipt-acknowledgement": "Eingangsbestätigung",
    "information-request": "Nachforderung",
    "allocation-hearing": "Anhörung",
    "allocation-decision": "Zuweisungsbescheid",
    "placement-agreement": "Bestätigung der Aufnahme",
}
_ACTS: Final = frozenset({"grant-decision", "grant-rejection", "grant-correction", "allocation-decision"})
"""What is announced and can be contested; the others name no court and need none."""


class NotALetter(ValueError):
    """The facts are not those of a letter."""


def compose(
    content: LetterContent,
    *,
    letterhead: Letterhead,
    courts: CourtDirectory,
    dated_on: date,
    summary: SummaryPage | None = None,
    draft: bool = False,
) -> Letter:
    """Put a letter together. Raises CourtUnconfirmed, and NotALetter for facts that no letter template renders.

    A draft says so in its title and across every page.
    """
    write = _FACTS.get(type(content.facts))
    addressee = content.addressee
    if write is None or isinstance(addressee, MailAddressee):
        raise NotALetter(content.facts.kind)
    title = f"{_TITLES[content.facts.kind]} {content.reference}"
    letter: Letter = {
        "title": f"{DRAFT}: {title}" if draft else title,
        "language": content.language,
        "reference": content.reference,
        "sender": letterhead.model_dump(mode="json"),
        "addressee": address_lines(addressee),
        "information": _information(content, letterhead, dated_on),
        "demonstration": DEMONSTRATION if letterhead.fictitious or courts.fictitious else None,
        "signatory": _signatory(content),
        "facts": write(content.facts),
    }
    if content.facts.kind in _ACTS:
        court = courts.for_seat(addressee.ags)
        letter["court"] = {"name": court.name, "address": court.address, "fictitious": courts.fictitious}
    if summary is not None or draft:
        letter |= {"summary": None if summary is None else summary.model_dump(), "draft": draft}
    return letter


def _signatory(content: LetterContent) -> str | None:
    named = getattr(content.facts, "decided_by_name", None) or getattr(content.facts, "written_by_name", None)
    return None if named is None else str(named)


def address_lines(addressee: Addressee | FamilyAddressee) -> list[str]:
    """The lines of the address window, from the name to the town."""
    street = f"{addressee.street} {addressee.house_number}"
    return [*_names(addressee), street, f"{addressee.postcode} {addressee.city}"]


def _names(addressee: Addressee | FamilyAddressee) -> list[str]:
    if isinstance(addressee, FamilyAddressee):
        return [addressee.name, *([] if addressee.care_of is None else [f"c/o {addressee.care_of}"])]
    return [addressee.organisation, *([] if addressee.attention is None else [f"z. Hd. {addressee.attention}"])]


def _information(content: LetterContent, letterhead: Letterhead, dated_on: date) -> list[dict[str, object]]:
    asked = letterhead.asked_about(content.facts.kind)
    return [
        {"label": "Datum", "value": written_date(dated_on), "strong": True},
        {"label": "Aktenzeichen (bitte angeben)", "value": content.reference, "strong": True},
        {"label": "Auskunft erteilt", "value": asked.office, "strong": False},
        {"label": "Telefon", "value": asked.telephone, "strong": False},
        {"label": "E-Mail", "value": asked.email, "strong": False},
    ]


def _grant(facts: GrantDecisionFacts) -> Letter:
    civic_work = facts.civic_work_recognised
    return {
        "programme_title": facts.programme_title,
        "project_title": facts.project_title,
        "period_from": written_date(facts.period_from),
        "period_to": written_date(facts.period_to),
        "in_part": facts.outcome is Outcome.GRANTED_IN_PART,
        "requested_amount": written_amount(facts.requested_amount),
        "granted_amount": written_amount(facts.granted_amount),
        "eligible_total": written_amount(facts.eligible_total),
        "financing": facts.financing.value,
        "rate": written_percentage(facts.rate),
        "own_share": written_amount(facts.own_share),
        "civic_work": written_amount(civic_work) if civic_work else None,
        "finance": tables_of(facts.finance_lines, facts.eligible_total),
        "years": [{"label": str(year.year), "amount": written_amount(year.amount)} for year in facts.years],
        "reasons": list(facts.reasons),
        "conditions": list(facts.conditions),
        "legal_basis": list(facts.legal_basis),
    }


def _rejection(facts: GrantRejectionFacts) -> Letter:
    return {
        "programme_title": facts.programme_title,
        "project_title": facts.project_title,
        "requested_amount": written_amount(facts.requested_amount),
        "reasons": list(facts.reasons),
        "legal_basis": list(facts.legal_basis),
    }


_FACTS: Final[Mapping[type, Callable[[Any], Letter]]] = MappingProxyType(
    {
        GrantDecisionFacts: _grant,
        GrantRejectionFacts: _rejection,
        GrantCorrectionFacts: procedural_letter.correction,
        ReceiptAcknowledgementFacts: procedural_letter.receipt,
        InformationRequestFacts: procedural_letter.information_request,
        AllocationHearingFacts: allocation_letter.hearing,
        AllocationDecisionFacts: allocation_letter.decision,
        PlacementAgreementFacts: allocation_letter.agreement,
    }
)
