"""Who and what is funded: the conditions of the programme, each a sentence with its number."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from kfi_applications.domain.case import Applicant, Case, LegalForm, Measure
from kfi_applications.domain.money import in_euro
from kfi_applications.domain.programmes.general_conditions import (
    a_late_application_is_marked_and_checked,
    no_project_begins_before_the_decision,
    the_call_takes_the_application,
)
from kfi_applications.domain.programmes.komm_an_ii.measures import (
    Kind,
    costs_enough,
    of_kind,
    rooms_by_meeting_point,
    used_enough,
)
from kfi_applications.domain.programmes.komm_an_ii.terms import Terms
from kfi_applications.domain.rules import Consequence, Rule, rule, rule_of_value
from kfi_law.municipalities import Kind as Municipality
from kfi_law.municipalities import register
from kfi_law.parameters import Parameter


def _of(name: str) -> Callable[[Terms], Parameter]:
    return lambda terms: terms.value(name)


@rule(Consequence.REFUSED, paragraph="Zuwendungsempfänger", source="bass.schule.nrw, Richtlinie vom 3.4.2025")
def only_a_district_or_an_independent_city_is_funded(case: Case, _: object) -> str | None:
    """A city by the register of municipalities; a district as stated, because its seat lies in one of its towns."""
    applicant = case.applicant
    if applicant.legal_form is LegalForm.DISTRICT or _is_an_independent_city(applicant):
        return None
    return (
        "Gefördert werden nur Kreise und kreisfreie Städte; Dritte wenden sich an ihr Kommunales Integrationszentrum."
    )


def _is_an_independent_city(applicant: Applicant) -> bool:
    if applicant.legal_form is not LegalForm.INDEPENDENT_CITY or applicant.seat_ags not in register():
        return False
    return register().get(applicant.seat_ags).kind is Municipality.KREISFREIE_STADT


@rule_of_value(Consequence.MARKED, _of("a1-costs-above"))
def a_room_costs_more_than_its_lump_sum(case: Case, terms: Terms) -> str | None:
    """Planned costs that only reach the amount do not exceed it."""
    cheap = [measure for measure in of_kind(Kind.ROOMS, case) if not costs_enough(measure, terms)]
    amount = in_euro(Decimal(terms.value("a1-costs-above").value))
    return f"Die geplanten Ausgaben je Raum übersteigen {amount} nicht: {_labels(cheap)}." if cheap else None


@rule_of_value(Consequence.MARKED, _of("a1-least-use"))
def a_third_of_the_use_is_for_this_purpose(case: Case, terms: Terms) -> str | None:
    """By the hours of the plan of use (Belegungsplan)."""
    little = [measure for measure in of_kind(Kind.ROOMS, case) if not used_enough(measure, terms)]
    percent = int(Decimal(terms.value("a1-least-use").value) * 100)
    return f"Weniger als {percent} Prozent der Nutzung dienen dem Zweck: {_labels(little)}." if little else None


@rule_of_value(Consequence.MARKED, _of("a1-most-rooms"))
def a_meeting_point_has_a_highest_number_of_rooms(case: Case, terms: Terms) -> str | None:
    """Rooms beyond it get no lump sum."""
    most = int(terms.value("a1-most-rooms").value)
    large = [label for label, rooms in rooms_by_meeting_point(case, terms).items() if rooms > most]
    return f"Je Treffpunkt gibt es höchstens {most} Raumpauschalen: {', '.join(large)}." if large else None


def _labels(measures: Iterable[Measure]) -> str:
    return ", ".join(dict.fromkeys(measure.label for measure in measures))


GENERAL: Final[Mapping[str, Rule[Terms]]] = {
    "KA 1": the_call_takes_the_application,
    "KA 2": a_late_application_is_marked_and_checked,
    "KA 3": only_a_district_or_an_independent_city_is_funded,
    "KA 4": no_project_begins_before_the_decision,
}
FOR_ROOMS: Final[Mapping[str, Rule[Terms]]] = {
    "KA 5": a_room_costs_more_than_its_lump_sum,
    "KA 6": a_third_of_the_use_is_for_this_purpose,
    "KA 7": a_meeting_point_has_a_highest_number_of_rooms,
}
