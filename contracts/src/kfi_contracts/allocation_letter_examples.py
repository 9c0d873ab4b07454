"""One example of every letter and e-mail about the town of a household, with an invented family."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from kfi_contracts.addressees import FamilyAddressee, MailAddressee
from kfi_contracts.allocation_examples import ARRIVES, RUN
from kfi_contracts.allocation_letters import (
    AllocationDecisionFacts,
    AllocationHearingFacts,
    Assessed,
    HearingStated,
    MunicipalityNoticeFacts,
    NoticeOccasion,
    PersonNamed,
    PlacementAgreementFacts,
    PlanStated,
    TownCompared,
    WebhookDisabledFacts,
)

FamilyFacts = AllocationHearingFacts | AllocationDecisionFacts | PlacementAgreementFacts
TownFacts = MunicipalityNoticeFacts | WebhookDisabledFacts

FAMILY: Final = FamilyAddressee(
    name="Amina Beispiel und Familie",
    care_of="Aufnahmeeinrichtung Musterlager",
    street="Heimkehrerstraße",
    house_number="18",
    postcode="37133",
    city="Musterstadt",
    ags=None,
)
TOWN_MAILBOX: Final = MailAddressee(email="aufnahme@stadt.example")
REFERENCE: Final = "KfI-2027-000042"
_GROUP: Final = "Neuansiedlung von Schutzsuchenden (§ 23 Abs. 4 AufenthG)"
_PERSONS: Final = (
    PersonNamed(name="Amina Beispiel", born_on=date(1991, 5, 2)),
    PersonNamed(name="Samir Beispiel", born_on=date(1989, 11, 30)),
    PersonNamed(name="Lina Beispiel", born_on=date(2018, 2, 14)),
    PersonNamed(name="Omar Beispiel"),
)
_OPEN: Final = "Die Gemeinde kann Ihren Haushalt aufnehmen."


def _town(ags: str, name: str, relatives: tuple[str, str], fit: str, even: tuple[str, str], total: str) -> TownCompared:
    return TownCompared(
        ags=ags,
        name=name,
        reception=_OPEN,
        relatives=Assessed(finding=relatives[0], points=relatives[1]),
        integration=Assessed(finding="Die benötigten Angebote sind vorhanden.", points=fit),
        even_distribution=Assessed(finding=even[0], points=even[1]),
        total=total,
    )


_ELSEWHERE: Final = ("Ihre Angehörigen wohnen in Dortmund.", "800")
_BELOW: Final = "Die Gemeinde hat bisher weniger Menschen aufgenommen, als ihrem Anteil entspricht."
_ABOVE: Final = "Die Gemeinde hat ihren Anteil bereits aufgenommen."
_HEARING: Final = AllocationHearingFacts(
    group_title=_GROUP,
    persons=_PERSONS,
    person_count=4,
    town="Dortmund",
    arrival_on=ARRIVES,
    considered=("Ihre Angehörigen wohnen in Dortmund.", _OPEN),
    answer_by=date(2027, 3, 3),
    legal_basis=("§ 16 Abs. 1 TIntG", "§ 28 Abs. 1 VwVfG NRW"),
    written_by_name="A. Muster",
)
_DECISION: Final = AllocationDecisionFacts(
    group_title=_GROUP,
    persons=_PERSONS,
    person_count=4,
    arrival_on=ARRIVES,
    chosen=_town("05913000", "Dortmund", ("Ihre Angehörigen wohnen hier.", "0"), "40", (_BELOW, "-400"), "-360"),
    alternatives=(
        _town("05978024", "Lünen", ("Ihre Angehörigen wohnen in Dortmund.", "320"), "0", (_BELOW, "-400"), "-80"),
        _town("05515000", "Münster", _ELSEWHERE, "0", (_BELOW, "-400"), "400"),
        _town("05711000", "Bielefeld", _ELSEWHERE, "80", (_ABOVE, "160/3"), "2800/3"),
    ),
    plan=PlanStated(run_id=RUN, input_root="6b" * 32, policy_version="population-2026"),
    weighing=("Die Nähe zu Ihren Angehörigen hat für mich das größte Gewicht.",),
    hearing=HearingStated(
        asked_on=date(2027, 2, 17),
        answer_by=date(2027, 3, 3),
        answered_on=date(2027, 2, 26),
        said="Wir möchten nach Dortmund oder nach Münster.",
        reply="Ihrem Wunsch nach Dortmund folge ich.",
    ),
    decided_by_name="M. Beispiel",
    legal_basis=("§ 16 Abs. 1, § 14 Nr. 4 TIntG",),
)
_AGREEMENT: Final = PlacementAgreementFacts(
    group_title="Spätaussiedlerinnen und Spätaussiedler und ihre Familien (§§ 4, 7 Abs. 2 BVFG)",
    persons=_PERSONS[:2],
    person_count=2,
    town="Dortmund",
    arrival_on=ARRIVES,
    agreed_on=date(2027, 3, 5),
    legal_basis=("§ 16 Abs. 2 TIntG",),
    written_by_name="A. Muster",
)
_PROPOSED: Final = MunicipalityNoticeFacts(
    town="Dortmund", occasion=NoticeOccasion.PROPOSED, placements=3, object_until=date(2027, 2, 24)
)
_CANCELLED: Final = MunicipalityNoticeFacts(town="Dortmund", occasion=NoticeOccasion.CANCELLED, placements=1)
_DISABLED: Final = WebhookDisabledFacts(
    town="Dortmund",
    endpoint_id=UUID("b5d09f3e-6a27-4c18-9e40-d1f8c2a7356b"),
    endpoint_host="empfang.stadt.example",
    failing_since=date(2027, 2, 17),
    disabled_on=date(2027, 2, 22),
)

FAMILY_LETTERS: Final[Mapping[str, FamilyFacts]] = {
    "allocation-hearing": _HEARING,
    "allocation-decision": _DECISION,
    "allocation-decision-unheard": _DECISION.model_copy(
        update={
            "hearing": HearingStated(asked_on=date(2027, 2, 17), answer_by=date(2027, 3, 3)),
            "effect_of_action": "Die Klage hat aufschiebende Wirkung, solange nichts anderes angeordnet ist.",
        }
    ),
    "placement-agreement": _AGREEMENT,
}
TOWN_MAILS: Final[Mapping[str, TownFacts]] = {
    "municipality-notice": _PROPOSED,
    "municipality-notice-cancelled": _CANCELLED,
    "webhook-disabled": _DISABLED,
}
