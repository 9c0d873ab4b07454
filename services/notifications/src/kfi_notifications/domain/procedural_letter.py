"""What letters beside the decision say, as plain text for their templates."""

from typing import Final

from kfi_contracts.applications import Outcome
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.domain.german import written_amount, written_date

_ACTS: Final = {
    Outcome.GRANTED: "Zuwendungsbescheid",
    Outcome.GRANTED_IN_PART: "Zuwendungsbescheid",
    Outcome.REJECTED: "Ablehnungsbescheid",
}


def receipt(facts: ReceiptAcknowledgementFacts) -> dict[str, object]:
    """An acknowledgement of receipt."""
    return {
        "programme_title": facts.programme_title,
        "project_title": facts.project_title,
        "received_on": written_date(facts.received_on),
        "late": facts.late,
        "requested_amount": written_amount(facts.requested_amount),
        "hints": list(facts.hints),
    }


def information_request(facts: InformationRequestFacts) -> dict[str, object]:
    """A request for information, or its reminder."""
    return {
        "programme_title": facts.programme_title,
        "project_title": facts.project_title,
        "filed_on": written_date(facts.filed_on),
        "missing": list(facts.missing),
        "reply_by": written_date(facts.reply_by),
        "consequence": facts.consequence,
        "reminder": facts.reminder,
        "first_asked_on": None if facts.first_asked_on is None else written_date(facts.first_asked_on),
        "legal_basis": list(facts.legal_basis),
    }


def correction(facts: GrantCorrectionFacts) -> dict[str, object]:
    """A correction of a decision."""
    return {
        "programme_title": facts.programme_title,
        "project_title": facts.project_title,
        "corrected_act": _ACTS[facts.corrected_outcome],
        "corrected_on": written_date(facts.corrected_on),
        "number": facts.number,
        "points": [point.model_dump() for point in facts.points],
        "reasons": list(facts.reasons),
        "legal_basis": list(facts.legal_basis),
    }
