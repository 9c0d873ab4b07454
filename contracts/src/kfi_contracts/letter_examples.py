"""One example of every kind of letter content, with an invented association, an invented family, invented towns."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from kfi_contracts.addressees import Addressee, AnyAddressee
from kfi_contracts.allocation_letter_examples import FAMILY, FAMILY_LETTERS, REFERENCE, TOWN_MAILBOX, TOWN_MAILS
from kfi_contracts.applications import Outcome, YearAmount
from kfi_contracts.examples import FILE_NUMBER
from kfi_contracts.letters import (
    Facts,
    FinanceLine,
    FinancingType,
    GrantDecisionFacts,
    GrantRejectionFacts,
    LetterContent,
    MessageWaitsFacts,
    Summary,
)
from kfi_contracts.procedural_letters import (
    CorrectedPoint,
    GrantCorrectionFacts,
    InformationRequestFacts,
    ReceiptAcknowledgementFacts,
)

_ADDRESSEE: Final = Addressee(
    organisation="Beispielverein Arnsberg e. V.",
    attention="Vorstand",
    street="Musterweg",
    house_number="1a",
    postcode="59821",
    city="Arnsberg",
    ags="05958004",
    email="post@beispielverein.example",
)
_GRANT: Final = GrantDecisionFacts(
    programme_title="Einzelprojektförderung für Migrantenselbstorganisationen",
    project_title="Brücken bauen",
    period_from=date(2026, 4, 1),
    period_to=date(2027, 3, 31),
    outcome=Outcome.GRANTED,
    requested_amount=Decimal("24000.00"),
    granted_amount=Decimal("24000.00"),
    eligible_total=Decimal("30000.00"),
    rate=Decimal("80.00"),
    own_share=Decimal("6000.00"),
    civic_work_recognised=Decimal("4500.00"),
    years=(
        YearAmount(year=2026, amount=Decimal("16000.00")),
        YearAmount(year=2027, amount=Decimal("8000.00")),
    ),
    finance_lines=(
        FinanceLine(label="Honorare", amount=Decimal("20000.00")),
        FinanceLine(label="Sachausgaben", amount=Decimal("10000.00")),
    ),
    reasons=("Das Vorhaben erfüllt den Zuwendungszweck.",),
    conditions=("Die ANBest-P sind Bestandteil dieses Bescheides.",),
    decided_by_name="M. Beispiel",
    legal_basis=("§§ 23, 44 LHO NRW",),
)
_IN_FULL: Final = GrantDecisionFacts(
    programme_title="Anschubförderung für Migrantenselbstorganisationen",
    project_title="Ein Verein beginnt",
    period_from=date(2027, 1, 1),
    period_to=date(2027, 12, 31),
    outcome=Outcome.GRANTED,
    requested_amount=Decimal("6000.00"),
    granted_amount=Decimal("6000.00"),
    eligible_total=Decimal("6480.00"),
    rate=Decimal("100.00"),
    own_share=Decimal("0.00"),
    civic_work_recognised=Decimal("0.00"),
    years=(YearAmount(year=2027, amount=Decimal("6000.00")),),
    finance_lines=(
        FinanceLine(label="Ausgaben: Ausstattung", amount=Decimal("6480.00")),
        FinanceLine(label="Einnahmen: Eigenmittel", amount=Decimal("480.00")),
        FinanceLine(label="Einnahmen: Zuwendung", amount=Decimal("6000.00")),
    ),
    reasons=("Der Verein ist jung und beginnt seine Arbeit.",),
    conditions=("Die ANBest-P sind Bestandteil dieses Bescheides.",),
    decided_by_name="M. Beispiel",
    legal_basis=("§§ 23, 44 LHO NRW",),
    financing=FinancingType.FULL,
)
_REJECTION: Final = GrantRejectionFacts(
    programme_title="Einzelprojektförderung für Migrantenselbstorganisationen",
    project_title="Brücken bauen",
    requested_amount=Decimal("24000.00"),
    reasons=("Das Vorhaben liegt nicht in Nordrhein-Westfalen.",),
    decided_by_name="M. Beispiel",
    legal_basis=("§§ 23, 44 LHO NRW",),
)
_RECEIPT: Final = ReceiptAcknowledgementFacts(
    programme_title="Einzelprojektförderung für Migrantenselbstorganisationen",
    project_title="Brücken bauen",
    received_on=date(2026, 2, 12),
    late=False,
    requested_amount=Decimal("24000.00"),
    hints=("Bitte geben Sie bei Rückfragen das Aktenzeichen an.",),
    written_by_name="A. Muster",
)
_INFORMATION: Final = InformationRequestFacts(
    programme_title="Einzelprojektförderung für Migrantenselbstorganisationen",
    project_title="Brücken bauen",
    filed_on=date(2026, 2, 12),
    missing=("Der Auszug aus dem Vereinsregister fehlt.", "Die Satzung ist nicht unterschrieben."),
    reply_by=date(2026, 3, 16),
    consequence="Ohne diese Unterlagen muss ich nach Aktenlage entscheiden.",
    legal_basis=("§ 26 Abs. 2 VwVfG NRW",),
    written_by_name="A. Muster",
)
_REMINDER: Final = _INFORMATION.model_copy(
    update={"reminder": 1, "first_asked_on": date(2026, 2, 16), "reply_by": date(2026, 3, 30)}
)
_CORRECTION: Final = GrantCorrectionFacts(
    programme_title="Einzelprojektförderung für Migrantenselbstorganisationen",
    project_title="Brücken bauen",
    corrected_outcome=Outcome.GRANTED,
    corrected_on=date(2026, 3, 9),
    number=1,
    points=(
        CorrectedPoint(
            subject="Bewilligungszeitraum",
            was="1. April 2026 bis 31. März 2027",
            becomes="1. Mai 2026 bis 30. April 2027",
        ),
    ),
    reasons=("Der Beginn des Projekts hat sich um einen Monat verschoben.",),
    decided_by_name="M. Beispiel",
    legal_basis=("§ 49 VwVfG NRW",),
)


def _content(
    facts: Facts,
    template_version: int = 1,
    summary: Summary | None = None,
    *,
    addressee: AnyAddressee = _ADDRESSEE,
    reference: str = FILE_NUMBER,
) -> LetterContent:
    return LetterContent(
        template=facts.kind,
        template_version=template_version,
        language="de",
        addressee=addressee,
        reference=reference,
        facts=facts,
        summary=summary,
    )


LETTER_EXAMPLES: Final[Mapping[str, LetterContent]] = MappingProxyType(
    {
        **{facts.kind: _content(facts) for facts in (_GRANT, _REJECTION, MessageWaitsFacts())},
        "grant-decision-in-full": _content(_IN_FULL, template_version=2),
        **{facts.kind: _content(facts) for facts in (_RECEIPT, _INFORMATION, _CORRECTION)},
        "information-request-reminder": _content(_REMINDER),
        "grant-rejection-with-summary": _content(_REJECTION, summary=Summary(language="tr", version=1)),
        **{name: _content(facts, addressee=FAMILY, reference=REFERENCE) for name, facts in FAMILY_LETTERS.items()},
        **{name: _content(facts, addressee=TOWN_MAILBOX, reference=REFERENCE) for name, facts in TOWN_MAILS.items()},
    }
)
