"""What the letters about the town of a household say, as plain text for their templates."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from kfi_contracts.allocation_letters import (
    AllocationDecisionFacts,
    AllocationHearingFacts,
    Assessed,
    CommunityStated,
    HearingStated,
    PersonNamed,
    PlacementAgreementFacts,
    TownCompared,
)
from kfi_notifications.domain.german import written_date, written_figure

Said = dict[str, object]
_RECEPTION: Final = "Aufnahmesituation der Gemeinde"
_RELATIVES: Final = "Angehörige und Wunsch"
_INTEGRATION: Final = "Integration, Betreuung und Beschäftigung vor Ort"
_EVEN: Final = "Gleichmäßige Verteilung im Land"
_NUMBERS: Final = {2: "zwei", 3: "drei"}


def hearing(facts: AllocationHearingFacts) -> Said:
    """A hearing about a town."""
    return {
        **_household(facts),
        "town": facts.town,
        "considered": list(facts.considered),
        "answer_by": written_date(facts.answer_by),
        "notices": list(facts.notices),
        "legal_basis": list(facts.legal_basis),
    }


def agreement(facts: PlacementAgreementFacts) -> Said:
    """A confirmation of what family and town agreed."""
    return {
        **_household(facts),
        "town": facts.town,
        "agreed_on": written_date(facts.agreed_on),
        "notices": list(facts.notices),
        "legal_basis": list(facts.legal_basis),
    }


def decision(facts: AllocationDecisionFacts) -> Said:
    """A decision with its comparison: each criterion with every town, the chosen one first."""
    replaced, towns = facts.replaces_decision_of, (facts.chosen, *facts.alternatives)
    return {
        **_household(facts),
        "town": facts.chosen.name,
        "alternatives": _NUMBERS.get(len(facts.alternatives)),
        "reception": {"title": _RECEPTION, "rows": [{"town": each.name, "finding": each.reception} for each in towns]},
        "criteria": _criteria(towns),
        "totals": [_total(facts.chosen, chosen=True), *(_total(town, chosen=False) for town in facts.alternatives)],
        "plan": facts.plan.model_dump(mode="json"),
        "weighing": list(facts.weighing),
        "hearing": _hearing(facts.hearing),
        "community": None if facts.community is None else _community(facts.community),
        "replaces_decision_of": None if replaced is None else written_date(replaced),
        "notices": list(facts.notices),
        "effect_of_action": facts.effect_of_action,
        "legal_basis": list(facts.legal_basis),
    }


def _household(facts: AllocationHearingFacts | AllocationDecisionFacts | PlacementAgreementFacts) -> Said:
    return {
        "group_title": facts.group_title,
        "persons": [_person(person) for person in facts.persons],
        "others": max(facts.person_count - len(facts.persons), 0),
        "arrival_on": None if facts.arrival_on is None else written_date(facts.arrival_on),
    }


def _person(person: PersonNamed) -> str:
    return person.name if person.born_on is None else f"{person.name}, geboren am {written_date(person.born_on)}"


def _criteria(towns: Sequence[TownCompared]) -> list[Said]:
    return [
        {"title": _RELATIVES, "rows": [_row(each, each.relatives) for each in towns]},
        {"title": _INTEGRATION, "rows": [_row(each, each.integration) for each in towns]},
        {"title": _EVEN, "rows": [_row(each, each.even_distribution) for each in towns]},
    ]


def _row(town: TownCompared, assessed: Assessed) -> Said:
    return {"town": town.name, "finding": assessed.finding, "points": written_figure(Fraction(assessed.points))}


def _total(town: TownCompared, *, chosen: bool) -> Said:
    return {"town": town.name, "points": written_figure(Fraction(town.total)), "chosen": chosen}


def _hearing(stated: HearingStated) -> Said:
    answered = stated.answered_on
    return {
        "asked_on": written_date(stated.asked_on),
        "answer_by": written_date(stated.answer_by),
        "answered_on": None if answered is None else written_date(answered),
        "said": stated.said,
        "reply": stated.reply,
    }


def _community(stated: CommunityStated) -> Said:
    answered = stated.answered_on
    return {
        "asked_on": written_date(stated.asked_on),
        "answered_on": None if answered is None else written_date(answered),
        "supports": stated.supports,
        "reply": stated.reply,
    }
