"""Who and what is funded: the conditions of the programme, each a sentence with its number."""

from collections.abc import Mapping
from typing import Final

from kfi_applications.domain.case import Case, LegalForm
from kfi_applications.domain.errors import FactMissing
from kfi_applications.domain.programmes.general_conditions import (
    a_late_application_is_marked_and_checked,
    no_project_begins_before_the_decision,
    the_call_takes_the_application,
)
from kfi_applications.domain.programmes.mso_conditions import (
    half_of_the_association_has_a_history_of_immigration,
    only_a_charitable_association_is_funded,
    only_a_registered_association_with_seat_in_the_land_is_funded,
    the_association_is_described,
    the_association_is_independent_of_states_and_parties,
)
from kfi_applications.domain.programmes.mso_startup.terms import Terms
from kfi_applications.domain.rules import Consequence, Rule, rule_of_value
from kfi_law.parameters import Parameter
from kfi_law.periods import MONTHS_OF_A_YEAR, nominal_end_of_month_period

_FOUNDED_ON: Final = "applicant/founded_on"


def _highest_age(terms: Terms) -> Parameter:
    return terms.max_age_years


@rule_of_value(Consequence.REFUSED, _highest_age)
def only_a_young_association_is_funded(case: Case, terms: Terms) -> str | None:
    """Young enough until the day on which it is just as old as it may be; counted on the day of receipt."""
    years = int(terms.max_age_years.value)
    founded_on = case.applicant.founded_on
    if founded_on is None or case.filed_on <= nominal_end_of_month_period(founded_on, years * MONTHS_OF_A_YEAR):
        return None
    return f"Der Verein war bei Eingang des Antrags älter als {years} Jahre."


def the_association_and_its_founding_are_described(case: Case) -> None:
    """Raises FactMissing when an association lacks a fact, or the day of its founding, or founds itself later."""
    the_association_is_described(case)
    founded_on = case.applicant.founded_on
    if case.applicant.legal_form is not LegalForm.REGISTERED_ASSOCIATION and founded_on is None:
        return
    if founded_on is None:
        raise FactMissing(
            "The day on which the association was founded is missing; this programme is for young associations.",
            fix="State the day of the founding, as in the statutes.",
            field=_FOUNDED_ON,
        )
    if founded_on > case.filed_on:
        raise FactMissing(
            "The association would be founded after it applied.", fix="Correct the day.", field=_FOUNDED_ON
        )


CONDITIONS: Final[Mapping[str, Rule[Terms]]] = {
    "MSO-A 1": the_call_takes_the_application,
    "MSO-A 2": a_late_application_is_marked_and_checked,
    "MSO-A 3": only_a_registered_association_with_seat_in_the_land_is_funded,
    "MSO-A 4": only_a_charitable_association_is_funded,
    "MSO-A 5": half_of_the_association_has_a_history_of_immigration,
    "MSO-A 6": the_association_is_independent_of_states_and_parties,
    "MSO-A 7": no_project_begins_before_the_decision,
    "MSO-A 8": only_a_young_association_is_funded,
}
