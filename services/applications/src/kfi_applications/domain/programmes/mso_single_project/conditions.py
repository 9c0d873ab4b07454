"""Who and what is funded: the conditions of the programme, each a sentence with its number."""

from decimal import Decimal

from kfi_applications.domain.calls import Arrival
from kfi_applications.domain.case import LegalForm
from kfi_applications.domain.errors import CallNotAccepting
from kfi_applications.domain.programmes.mso_single_project.terms import Case
from kfi_applications.domain.rules import Consequence, Rule, rule
from kfi_law.municipalities import register

_RECIPIENT = "Zuwendungsempfänger"
_QUESTIONS = "bra.nrw.de, häufig gestellte Fragen zur Antragstellung"
_DEADLINE = "the call; unserac.de, 20 December 2018"
_EARLY_START = "Nr. 1.3 VV zu § 44 LHO"


@rule("MSO-E 1", consequence=Consequence.REFUSED, paragraph="Frist des Förderaufrufs", source=_DEADLINE)
def the_call_takes_the_application(case: Case) -> str | None:
    """An Ausschlussfrist refuses what is late; nothing is taken before the call opens or once it is closed."""
    try:
        case.call.arrival(case.filed_on)
    except CallNotAccepting:
        return "Der Antrag ist außerhalb der Frist des Förderaufrufs eingegangen."
    return None


@rule("MSO-E 2", consequence=Consequence.MARKED, paragraph="Frist des Förderaufrufs", source=_DEADLINE)
def a_late_application_is_marked_and_checked(case: Case) -> str | None:
    """An Ordnungsfrist does not exclude what is late."""
    if case.call.accepts(case.filed_on) and case.call.arrival(case.filed_on) is Arrival.LATE:
        return "Der Antrag ist nach Ablauf der Ordnungsfrist eingegangen."
    return None


@rule("MSO-E 3", consequence=Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def only_a_registered_association_with_seat_in_the_land_is_funded(case: Case) -> str | None:
    """The seat is the AGS the applicant stated, looked up in the register of municipalities."""
    if case.applicant.legal_form is LegalForm.REGISTERED_ASSOCIATION and case.applicant.seat_ags in register():
        return None
    return "Gefördert werden nur eingetragene Vereine mit Sitz in Nordrhein-Westfalen."


@rule("MSO-E 4", consequence=Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def only_a_charitable_association_is_funded(case: Case) -> str | None:
    """Gemeinnützigkeit as stated by the applicant."""
    return None if case.applicant.charitable else "Der Verein ist nicht als gemeinnützig anerkannt."


@rule("MSO-E 5", consequence=Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def half_of_the_association_has_a_history_of_immigration(case: Case) -> str | None:
    """The best share among members, board and active persons, as stated by the applicant."""
    least = Decimal(case.terms.share_with_migration_history.value)
    if case.applicant.share_with_migration_history >= least:
        return None
    return (
        f"Weniger als {int(least * 100)} Prozent der Mitglieder, des Vorstands oder der Aktiven"
        " haben eine Einwanderungsgeschichte."
    )


@rule("MSO-E 6", consequence=Consequence.REFUSED, paragraph=_RECIPIENT, source=_QUESTIONS)
def the_association_is_independent_of_states_and_parties(case: Case) -> str | None:
    """As stated by the applicant."""
    if case.applicant.independent_of_states_and_parties:
        return None
    return "Der Verein ist nicht unabhängig von Staaten und Parteien."


@rule("MSO-E 7", consequence=Consequence.REFUSED, paragraph=_EARLY_START, source="VV zu § 44 LHO, Nr. 1.3 und 1.3.4")
def no_project_begins_before_the_decision(case: Case) -> str | None:
    """Excepted: a permission, and measures that recur every year (Nr. 1.3.4)."""
    project = case.project
    begun = project.begun_on is not None and project.begun_on <= case.assessed_on
    if not begun or project.early_start_permitted or project.recurs_yearly:
        return None
    return "Mit dem Vorhaben wurde vor der Entscheidung ohne Genehmigung begonnen."


CONDITIONS: tuple[Rule[Case], ...] = (
    the_call_takes_the_application,
    a_late_application_is_marked_and_checked,
    only_a_registered_association_with_seat_in_the_land_is_funded,
    only_a_charitable_association_is_funded,
    half_of_the_association_has_a_history_of_immigration,
    the_association_is_independent_of_states_and_parties,
    no_project_begins_before_the_decision,
)
