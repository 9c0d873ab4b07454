"""What a decision says beside the figures: what they say together, and what the household needs and finds there."""

from dataclasses import replace
from typing import Any

import pytest
from services.allocation.tests.placements import draft_for, ready
from services.allocation.tests.test_letters import FAMILY, facts_of

from kfi_allocation.domain import comparison_sentences as sentences


@pytest.mark.parametrize(
    ("chosen", "others", "said"),
    [
        ({}, {}, "Von den verglichenen Gemeinden, die Sie aufnehmen können, spricht am meisten für Münster."),
        ({}, {"total": "140"}, "Für keine der verglichenen Gemeinden, die Sie aufnehmen können, spricht mehr als für"),
        ({}, {"total": "0", "obstacles": ("share taken",)}, "kann nur Münster Ihren Haushalt aufnehmen."),
        ({}, {"total": "139"}, "Diese Werte sprächen mehr für Dortmund, Bielefeld und Köln. Ich entscheide mich"),
        ({"obstacles": ("does not offer accessible",)}, {}, "Ich entscheide mich dennoch für Münster, und zwar aus"),
    ],
    ids=["best", "as good", "the only one", "others are better", "it lacks something"],
)  # fmt: skip
def test_a_decision_says_what_the_figures_say_together_before_the_planners_own_sentences(
    chosen: dict[str, Any], others: dict[str, Any], said: str
) -> None:
    own = draft_for(ready()).reasons
    changed = tuple(replace(town, **others) for town in own.alternatives)
    reasons = replace(own, chosen=replace(own.chosen, **chosen), alternatives=changed)
    first, *rest = facts_of(draft={"reasons": reasons}).weighing
    assert said in first
    assert rest == ["In Münster ist eine passende Wohnung frei."]


def test_what_the_household_needs_and_finds_there_stands_in_the_letter() -> None:
    needs = replace(FAMILY, needs=frozenset({"accessible", "specialist_medicine"}))
    both = "Vorhanden ist, was Ihr Haushalt braucht: barrierefreier Wohnraum, die fachärztliche Versorgung."
    assert facts_of(household=needs).chosen.integration.finding.startswith(both)
    lacking = sentences.integration(needs, "0", ("does not offer accessible",))
    assert lacking.startswith("Vorhanden ist, was Ihr Haushalt braucht: die fachärztliche Versorgung. Nach dem")
    assert sentences.integration(replace(needs, must_join=True), "0") == (
        "Die Nähe zu Ihrer Kernfamilie geht hier vor."
    )


def test_no_sentence_says_that_a_wish_is_met_because_the_policy_gives_it_no_weight() -> None:
    said = sentences.integration(FAMILY, "0")
    assert said == "Nach dem Regelwerk spricht zu Ihren Sprachen und Wünschen nichts gegen den Ort."
    assert "entspricht" in sentences.integration(FAMILY, "60")
