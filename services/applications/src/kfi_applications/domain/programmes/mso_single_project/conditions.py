"""Who and what is funded: the conditions of the programme, each a sentence with its number."""

from collections.abc import Mapping
from typing import Final

from kfi_applications.domain.programmes.general_conditions import (
    a_late_application_is_marked_and_checked,
    no_project_begins_before_the_decision,
    the_call_takes_the_application,
)
from kfi_applications.domain.programmes.mso_conditions import (
    half_of_the_association_has_a_history_of_immigration,
    only_a_charitable_association_is_funded,
    only_a_registered_association_with_seat_in_the_land_is_funded,
    the_association_is_independent_of_states_and_parties,
)
from kfi_applications.domain.programmes.mso_single_project.terms import Terms
from kfi_applications.domain.rules import Rule

CONDITIONS: Final[Mapping[str, Rule[Terms]]] = {
    "MSO-E 1": the_call_takes_the_application,
    "MSO-E 2": a_late_application_is_marked_and_checked,
    "MSO-E 3": only_a_registered_association_with_seat_in_the_land_is_funded,
    "MSO-E 4": only_a_charitable_association_is_funded,
    "MSO-E 5": half_of_the_association_has_a_history_of_immigration,
    "MSO-E 6": the_association_is_independent_of_states_and_parties,
    "MSO-E 7": no_project_begins_before_the_decision,
}
