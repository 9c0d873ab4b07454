"""Calls of a programme: until when, for how much, from which budget title."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kfi_applications.domain.errors import CallNotAccepting, DateNotPossible


class DeadlineKind(StrEnum):
    """What a late application means: only marked (Ordnungsfrist) or refused (Ausschlussfrist)."""

    ORDNUNGSFRIST = "ordnungsfrist"
    AUSSCHLUSSFRIST = "ausschlussfrist"


class CivicWorkBasis(StrEnum):
    """From what the limit of civic work is taken; the sources leave it open, so each call says it."""

    STATED_TOTAL = "stated-total"
    OWN_SHARE = "own-share"


class PartialMonth(StrEnum):
    """Whether a month counts that is not whole; the sources leave it open, so the call says it."""

    ONLY_FULL_MONTHS = "only-full-months"
    BEGUN_MONTHS = "begun-months"


class Arrival(StrEnum):
    """How an accepted application came in."""

    IN_TIME = "in-time"
    LATE = "late"


@dataclass(frozen=True)
class Call:
    """One call of a programme. Days are business dates; ``closed_on`` is the first day on which nothing is taken.

    What the sources leave to the call stands here: ``cap``, ``civic_work_basis`` and ``partial_month`` where its
    programme knows them, and ``rules_as_of``, the day whose text holds for the whole call where the sources do not say
    from which call a text holds (default: ``opens_on``). ``version`` is that of the terms; a case keeps the one it was
    filed under.
    """

    key: str
    programme: str
    title: str
    opens_on: date
    last_day: date
    deadline_kind: DeadlineKind
    budget_title: str
    source: str
    cap: Decimal | None = None
    civic_work_basis: CivicWorkBasis | None = None
    partial_month: PartialMonth | None = None
    rules_as_of: date | None = None
    fictitious: bool = False
    closed_on: date | None = None
    version: int = 1

    @property
    def conditions_of(self) -> date:
        """The day whose text holds for the whole call where the sources do not say from which call a text holds."""
        return self.rules_as_of or self.opens_on

    def arrival(self, filed_on: date) -> Arrival:
        """In time or late; raises CallNotAccepting before opening, once closed, and after an Ausschlussfrist."""
        if filed_on < self.opens_on:
            raise self._refused(f"The call opens on {self.opens_on}.", "File the application from that day on.")
        if self.closed_on and filed_on >= self.closed_on:
            raise self._refused(f"The call was closed on {self.closed_on}.", "Look at the open calls.")
        if filed_on <= self.last_day:
            return Arrival.IN_TIME
        if self.deadline_kind is DeadlineKind.AUSSCHLUSSFRIST:
            raise self._refused(
                f"The application was filed after the Ausschlussfrist of {self.last_day}.", "Look at the open calls."
            )
        return Arrival.LATE

    def accepts(self, day: date) -> bool:
        """Whether an application filed on this day is taken, in time or late."""
        try:
            self.arrival(day)
        except CallNotAccepting:
            return False
        return True

    def days_must_follow(self) -> None:
        """Raises DateNotPossible when the call would end, or be closed, before it opens."""
        if self.last_day < self.opens_on:
            raise DateNotPossible("The call would end before it opens.", fix="Correct the days.", field="last_day")
        if self.closed_on is not None and self.closed_on < self.opens_on:
            raise DateNotPossible("The call would be closed before it opens.", fix="Correct it.", field="closed_on")

    @staticmethod
    def _refused(detail: str, fix: str) -> CallNotAccepting:
        return CallNotAccepting(detail, fix=fix, field="call")
