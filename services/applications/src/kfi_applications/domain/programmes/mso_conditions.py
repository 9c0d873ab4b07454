"""Who is funded as an association of people with a history of immigration (MSO): the same in every line of it.

Who is no association is refused for that alone: the rules about an association's facts have nothing to say of it.
"""

from dataclasses import dataclass
from decimal import Decimal

from kfi_applications.domain.case import Case, LegalForm
from kfi_applications.domain.errors import FactMissing
from kfi_applications.domain.rules import Consequence, rule, rule_of_value
from kfi_law.municipalities import register
from kfi_law.parameters import Parameter

_RECIPIENT = "Zuwendungsempfänger"
_QUESTIONS = "bra.nrw.de, häufig gestellte Fragen zur Antragstellung"


@dataclass(frozen=True)
class AssociationTerms:
    """The dated values that the conditions for associations read; the share is a fraction."""

    share_with_migration_history: Parameter


def _least_share(terms: AssociationTerms) -> Parameter:
    return terms.share_with_migration_history


@rule(Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def only_a_registered_association_with_seat_in_the_land_is_funded(case: Case, _: object) -> str | None:
    """The seat is the AGS the applicant stated, looked up in the register of municipalities."""
    if case.applicant.legal_form is LegalForm.REGISTERED_ASSOCIATION and case.applicant.seat_ags in register():
        return None
    return "Gefördert werden nur eingetragene Vereine mit Sitz in Nordrhein-Westfalen."


@rule(Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def only_a_charitable_association_is_funded(case: Case, _: object) -> str | None:
    """Gemeinnützigkeit as stated by the applicant."""
    return "Der Verein ist nicht als gemeinnützig anerkannt." if case.applicant.charitable is False else None


@rule_of_value(Consequence.REFUSED, _least_share)
def half_of_the_association_has_a_history_of_immigration(case: Case, terms: AssociationTerms) -> str | None:
    """The best share among members, board and active persons, as stated by the applicant."""
    least = Decimal(terms.share_with_migration_history.value)
    share = case.applicant.share_with_migration_history
    if share is None or share >= least:
        return None
    return (
        f"Weniger als {int(least * 100)} Prozent der Mitglieder, des Vorstands oder der Aktiven"
        " haben eine Einwanderungsgeschichte."
    )


@rule(Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def the_association_is_independent_of_states_and_parties(case: Case, _: object) -> str | None:
    """As stated by the applicant."""
    if case.applicant.independent_of_states_and_parties is False:
        return "Der Verein ist nicht unabhängig von Staaten und Parteien."
    return None


def the_association_is_described(case: Case) -> None:
    """Raises FactMissing for a fact that an association lacks; who is none is refused as it is."""
    if case.applicant.legal_form is not LegalForm.REGISTERED_ASSOCIATION:
        return
    for fact in ("charitable", "share_with_migration_history", "independent_of_states_and_parties"):
        if getattr(case.applicant, fact) is None:
            raise FactMissing(
                "The programme is for associations, and a fact about this one is missing.",
                fix="State it, as it is on the day of the application.",
                field=f"applicant/{fact}",
            )
