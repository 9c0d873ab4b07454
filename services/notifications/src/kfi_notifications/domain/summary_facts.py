"""Which facts of a letter its summary may name, and how they are written in every language: as figures."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from kfi_contracts.allocation_letters import (
    AllocationDecisionFacts,
    AllocationHearingFacts,
    MunicipalityNoticeFacts,
    PlacementAgreementFacts,
    WebhookDisabledFacts,
)
from kfi_contracts.applications import Outcome
from kfi_contracts.letters import Facts, GrantDecisionFacts, GrantRejectionFacts, LetterContent, MessageWaitsFacts
from kfi_contracts.procedural_letters import GrantCorrectionFacts, InformationRequestFacts, ReceiptAcknowledgementFacts
from kfi_notifications.domain.german import written_amount

IN_PART: Final = "grant-decision-in-part"
"""A grant in part has sentences of its own: what is refused is said in the summary as well."""


def kind_of_summary(facts: Facts) -> str:
    """The kind of letter under which its sentences are kept."""
    if isinstance(facts, GrantDecisionFacts) and facts.outcome is Outcome.GRANTED_IN_PART:
        return IN_PART
    return facts.kind


def summary_facts(content: LetterContent) -> Mapping[str, str]:
    """The facts that sentences may name, by the name that stands in braces."""
    return {"reference": content.reference, **_BY_KIND[type(content.facts)](content.facts)}


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _euro(amount: Decimal) -> str:
    return written_amount(amount).replace("Euro", "€")


def _grant(facts: GrantDecisionFacts) -> Mapping[str, str]:
    return {
        "granted_amount": _euro(facts.granted_amount),
        "requested_amount": _euro(facts.requested_amount),
        "period_from": _day(facts.period_from),
        "period_to": _day(facts.period_to),
    }


def _rejection(facts: GrantRejectionFacts) -> Mapping[str, str]:
    return {"requested_amount": _euro(facts.requested_amount)}


def _receipt(facts: ReceiptAcknowledgementFacts) -> Mapping[str, str]:
    return {"received_on": _day(facts.received_on), "requested_amount": _euro(facts.requested_amount)}


def _information(facts: InformationRequestFacts) -> Mapping[str, str]:
    return {"filed_on": _day(facts.filed_on), "reply_by": _day(facts.reply_by)}


def _correction(facts: GrantCorrectionFacts) -> Mapping[str, str]:
    return {"corrected_on": _day(facts.corrected_on)}


def _allocation_hearing(facts: AllocationHearingFacts) -> Mapping[str, str]:
    return {"town": facts.town, "answer_by": _day(facts.answer_by)}


def _allocation_decision(facts: AllocationDecisionFacts) -> Mapping[str, str]:
    return {"town": facts.chosen.name}


def _placement_agreement(facts: PlacementAgreementFacts) -> Mapping[str, str]:
    return {"town": facts.town}


def _nothing(_: MessageWaitsFacts | MunicipalityNoticeFacts | WebhookDisabledFacts) -> Mapping[str, str]:
    return {}


_BY_KIND: Final[Mapping[type, Callable[[Any], Mapping[str, str]]]] = MappingProxyType(
    {
        GrantDecisionFacts: _grant,
        GrantRejectionFacts: _rejection,
        ReceiptAcknowledgementFacts: _receipt,
        InformationRequestFacts: _information,
        GrantCorrectionFacts: _correction,
        AllocationHearingFacts: _allocation_hearing,
        AllocationDecisionFacts: _allocation_decision,
        PlacementAgreementFacts: _placement_agreement,
        MessageWaitsFacts: _nothing,
        MunicipalityNoticeFacts: _nothing,
        WebhookDisabledFacts: _nothing,
    }
)
