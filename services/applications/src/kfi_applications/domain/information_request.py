"""What a request for information (Nachforderung) asks for, until when, and what follows when nothing comes.

What follows is no decision: a person decides, on what the file says by then (§ 26 (2) VwVfG NRW).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID


class MissingItem(StrEnum):
    """What may be missing; what no code names is asked for in words."""

    FINANCE_PLAN = "finance-plan"
    PROJECT_DESCRIPTION = "project-description"
    STATUTES = "statutes"
    REGISTER_EXTRACT = "register-extract"
    CHARITABLE_STATUS = "charitable-status"
    PROOF_OF_COSTS = "proof-of-costs"
    PLAN_OF_USE = "plan-of-use"
    POWER_TO_SIGN = "power-to-sign"


class IfUnanswered(StrEnum):
    """What the applicant has to expect when nothing comes."""

    DECIDED_ON_THE_FILE = "decided-on-the-file"
    REJECTION_TO_BE_EXPECTED = "rejection-to-be-expected"


_ASKED_FOR: Final[Mapping[MissingItem, str]] = {
    MissingItem.FINANCE_PLAN: "ein berichtigter Finanzierungsplan",
    MissingItem.PROJECT_DESCRIPTION: "eine Beschreibung des Vorhabens",
    MissingItem.STATUTES: "die Satzung",
    MissingItem.REGISTER_EXTRACT: "ein aktueller Auszug aus dem Vereinsregister",
    MissingItem.CHARITABLE_STATUS: "der Nachweis der Gemeinnützigkeit",
    MissingItem.PROOF_OF_COSTS: "Nachweise der geplanten Ausgaben",
    MissingItem.PLAN_OF_USE: "der Belegungsplan der Räume",
    MissingItem.POWER_TO_SIGN: "der Nachweis der Vertretungsberechtigung",
}
_FOLLOWS: Final[Mapping[IfUnanswered, str]] = {
    IfUnanswered.DECIDED_ON_THE_FILE: "Geht bis zu diesem Tag nichts ein, wird nach Lage der Akten entschieden.",
    IfUnanswered.REJECTION_TO_BE_EXPECTED: (
        "Geht bis zu diesem Tag nichts ein, müssen Sie damit rechnen, dass der Antrag abgelehnt wird, weil die "
        "Voraussetzungen der Förderung nicht festgestellt werden können."
    ),
}


@dataclass(frozen=True)
class InformationRequest:
    """One request; ``letter_id`` is the letter that carries it. ``text`` and ``answer`` are in people's own words.

    ``lapsed_on`` is the day on which its period was found to be over, ``answered_on`` the day of the answer, however
    late; ``reminded_on`` the days of the reminders.
    """

    letter_id: UUID
    items: tuple[MissingItem, ...]
    text: str | None
    requested_on: date
    answer_by: date
    consequence: IfUnanswered
    requested_by: str
    reminded_on: tuple[date, ...] = ()
    lapsed_on: date | None = None
    answered_on: date | None = None
    answer: str | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is asked for, in German, for the letter."""
        asked = tuple(f"Es fehlt: {_ASKED_FOR[item]}." for item in self.items)
        return (*asked, self.text) if self.text else asked

    @property
    def what_follows(self) -> str:
        """The consequence, in German, for the letter."""
        return _FOLLOWS[self.consequence]
