"""Who may read notifications: staff and auditors; to applicants they do not exist."""

from typing import Final

from kfi_chassis.identity import Principal
from kfi_chassis.problems import Forbidden, NotFound

APPLICANT: Final = "applicant"
STAFF: Final = ("funding-caseworker", "funding-signatory", "auditor")
READERS: Final = (*STAFF, APPLICANT)
"""Roles whose requests are answered; an applicant is told that nothing is there (404), not that it is hidden."""


def refuse_applicants(principal: Principal) -> None:
    """Raise NotFound for whoever is no member of staff."""
    if not principal.has_any(frozenset(STAFF)):
        raise NotFound


def own_organisation(principal: Principal) -> str:
    """The organisation an applicant acts for. Raises Forbidden when its account names none."""
    if not principal.organisation:
        raise Forbidden("The account acts for no organisation.")
    return principal.organisation
