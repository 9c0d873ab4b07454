"""Who may read notifications: staff of what a service ordered, and auditors; to all others they do not exist."""

from typing import Final

from kfi_chassis.identity import Principal
from kfi_chassis.problems import Forbidden, NotFound
from kfi_notifications.domain.duties import AUDITOR, CASEWORKERS, OFFICES, SIGNATORIES, may_read
from kfi_notifications.domain.notification import Notification

APPLICANT: Final = "applicant"
STAFF: Final = (*CASEWORKERS, *SIGNATORIES, AUDITOR)
READERS: Final = (*STAFF, APPLICANT)
"""Roles whose requests are answered; an applicant is told that nothing is there (404), not that it is hidden."""


def refuse_applicants(principal: Principal) -> None:
    """Raise NotFound for whoever is no member of staff."""
    if not principal.has_any(frozenset(STAFF)):
        raise NotFound


def theirs(notification: Notification, principal: Principal) -> Notification:
    """The notification, for whoever has to do with what its service orders. Raises NotFound for all others."""
    if not may_read(principal.roles, notification.ordered_by):
        raise NotFound
    return notification


def services_of(principal: Principal) -> frozenset[str] | None:
    """The services whose letters a person reads; None: of all, for an auditor."""
    if AUDITOR in principal.roles:
        return None
    return frozenset(service for service in OFFICES if may_read(principal.roles, service))


def own_organisation(principal: Principal) -> str:
    """The organisation an applicant acts for. Raises Forbidden when its account names none."""
    if not principal.organisation:
        raise Forbidden("The account acts for no organisation.")
    return principal.organisation
