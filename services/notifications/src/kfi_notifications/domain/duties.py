"""Whose letters are whose: who works on what a service orders, and who signs it; of others' letters they learn nothing.

A family's letters tell of its needs and are no business of those who decide on grants, and the other way round.
"""

from collections.abc import Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kfi_contracts.letters import FAMILY_KINDS, MAILBOX_KINDS


@dataclass(frozen=True)
class Office:
    """The roles of those who work for one service: who prepares its letters, and who signs them."""

    caseworker: str
    signatory: str

    @property
    def staff(self) -> frozenset[str]:
        """Both."""
        return frozenset({self.caseworker, self.signatory})


AUDITOR: Final = "auditor"
APPLICATIONS: Final = "applications"
ALLOCATION: Final = "allocation"
OFFICES: Final = MappingProxyType(
    {
        APPLICATIONS: Office("funding-caseworker", "funding-signatory"),
        ALLOCATION: Office("allocation-planner", "allocation-signatory"),
    }
)
"""By the service that orders. What any other service ordered is read by auditors alone."""
CASEWORKERS: Final = tuple(office.caseworker for office in OFFICES.values())
SIGNATORIES: Final = tuple(office.signatory for office in OFFICES.values())


def service_of(template: str) -> str:
    """Whose letters are set with a template."""
    return ALLOCATION if template in FAMILY_KINDS | MAILBOX_KINDS else APPLICATIONS


def office_of(service: str) -> Office | None:
    """Who works for a service; None for one that has no office here."""
    return OFFICES.get(service)


def may_read(roles: Set[str], ordered_by: str) -> bool:
    """Whether somebody with these roles has to do with what a service ordered."""
    office = office_of(ordered_by)
    return AUDITOR in roles or (office is not None and not office.staff.isdisjoint(roles))


def may_sign(roles: Set[str], ordered_by: str) -> bool:
    """Whether somebody with these roles signs what a service orders, and so may stop it."""
    office = office_of(ordered_by)
    return office is not None and office.signatory in roles
