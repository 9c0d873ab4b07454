"""Who may see what: staff every case, an applicant those of its own organisation."""

from typing import Final

from kfi_applications.domain.states import Mover
from kfi_chassis.identity import Principal
from kfi_chassis.problems import Forbidden

AUDITOR: Final = "auditor"
STAFF: Final = (Mover.CASEWORKER.value, Mover.SIGNATORY.value, Mover.BUDGET_OFFICER.value, AUDITOR)
READERS: Final = (Mover.APPLICANT.value, *STAFF)


def is_staff(principal: Principal) -> bool:
    """Whether the person sees every case."""
    return principal.has_any(frozenset(STAFF))


def organisation_seen_by(principal: Principal) -> str | None:
    """The organisation whose cases the person sees; None for staff, who see all. Raises Forbidden without either."""
    return None if is_staff(principal) else own_organisation(principal)


def own_organisation(principal: Principal) -> str:
    """The organisation an applicant acts for. Raises Forbidden when its account names none."""
    if principal.organisation is None:
        raise Forbidden("The account acts for no organisation.")
    return principal.organisation
