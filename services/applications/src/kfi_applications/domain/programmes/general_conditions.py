"""Conditions that every programme with calls and projects has."""

from kfi_applications.domain.calls import Arrival
from kfi_applications.domain.case import Case
from kfi_applications.domain.errors import CallNotAccepting
from kfi_applications.domain.rules import Consequence, rule

_DEADLINE = "Frist des Förderaufrufs"
_DEADLINE_SOURCE = "the call; unserac.de, 20 December 2018"


@rule(Consequence.REFUSED, paragraph=_DEADLINE, source=_DEADLINE_SOURCE)
def the_call_takes_the_application(case: Case, _: object) -> str | None:
    """An Ausschlussfrist refuses what is late; nothing is taken before the call opens or once it is closed."""
    try:
        case.call.arrival(case.filed_on)
    except CallNotAccepting:
        return "Der Antrag ist außerhalb der Frist des Förderaufrufs eingegangen."
    return None


@rule(Consequence.MARKED, paragraph=_DEADLINE, source=_DEADLINE_SOURCE)
def a_late_application_is_marked_and_checked(case: Case, _: object) -> str | None:
    """An Ordnungsfrist does not exclude what is late."""
    if case.call.accepts(case.filed_on) and case.call.arrival(case.filed_on) is Arrival.LATE:
        return "Der Antrag ist nach Ablauf der Ordnungsfrist eingegangen."
    return None


@rule(Consequence.REFUSED, paragraph="Nr. 1.3 VV zu § 44 LHO", source="VV zu § 44 LHO, Nr. 1.3 und 1.3.4")
def no_project_begins_before_the_decision(case: Case, _: object) -> str | None:
    """Excepted: a permission, and measures that recur every year (Nr. 1.3.4)."""
    project = case.project
    begun = project.begun_on is not None and project.begun_on <= case.assessed_on
    if not begun or project.early_start_permitted or project.recurs_yearly:
        return None
    return "Mit dem Vorhaben wurde vor der Entscheidung ohne Genehmigung begonnen."
