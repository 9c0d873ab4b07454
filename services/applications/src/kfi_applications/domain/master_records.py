"""What many cases rest on, as calls and budgets do: kept as versions, each proposed by one person, approved by another.

A version in force is never changed. A correction is the next version; what rests on an earlier one keeps it.
"""

from collections.abc import Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from kfi_applications.domain.errors import FourEyesViolated, WrongState

T = TypeVar("T")


class Standing(StrEnum):
    """Where a version stands. Of the approved ones the newest is in force."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"


class Step(StrEnum):
    """What is done to a record; the last part of its address, and the action of its audit row."""

    CORRECT = "correction"
    APPROVE = "approval"
    RETURN = "return"


class ReturnedBecause(StrEnum):
    """Why a version was not approved; a code, because the audit holds no free text."""

    DATES = "dates"
    AMOUNTS = "amounts"
    SOURCE = "source"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Version(Generic[T]):
    """One version of a record: what it says, and who stands for it. Persons are persons, not accounts."""

    number: int
    content: T
    proposed_by: str
    proposed_on: date
    standing: Standing = Standing.PROPOSED
    decided_by: str | None = None
    decided_on: date | None = None
    returned_because: ReturnedBecause | None = None


@dataclass(frozen=True)
class StepTaken:
    """One step, for the audit."""

    step: Step
    number: int
    reason: ReturnedBecause | None = None


@dataclass
class MasterRecord(Generic[T]):
    """A record with all its versions, the oldest first. ``version`` counts the steps taken; it is the ETag."""

    id: UUID
    key: str
    versions: list[Version[T]] = field(default_factory=list)
    version: int = 0
    steps: list[StepTaken] = field(default_factory=list)

    @property
    def in_force(self) -> Version[T] | None:
        """The newest approved version."""
        approved = (version for version in reversed(self.versions) if version.standing is Standing.APPROVED)
        return next(approved, None)

    @property
    def pending(self) -> Version[T] | None:
        """The version that waits for the second person."""
        last = self.versions[-1] if self.versions else None
        return last if last is not None and last.standing is Standing.PROPOSED else None

    def propose(self, content: T, *, by: str, on: date) -> None:
        """The first person says what shall hold. Raises WrongState while another version waits."""
        if self.pending is not None:
            raise WrongState("A version waits for its approval.", fix="Have it approved or returned first.")
        self.versions.append(Version(len(self.versions) + 1, content, by, on))
        self._note(StepTaken(Step.CORRECT, len(self.versions)))

    def approve(self, *, by: str, on: date) -> Version[T]:
        """The second person puts the waiting version in force. Raises FourEyesViolated and WrongState."""
        proposed = self._waiting()
        if by == proposed.proposed_by:
            raise FourEyesViolated(
                "The person who proposed cannot approve; another account of the same person changes nothing.",
                fix="Have another person approve it.",
            )
        approved = replace(proposed, standing=Standing.APPROVED, decided_by=by, decided_on=on)
        self.versions[-1] = approved
        self._note(StepTaken(Step.APPROVE, approved.number))
        return approved

    def give_back(self, *, by: str, on: date, because: ReturnedBecause) -> None:
        """The waiting version does not come into force; its proposer may withdraw it so. Raises WrongState."""
        waiting = self._waiting()
        self.versions[-1] = replace(
            waiting, standing=Standing.RETURNED, decided_by=by, decided_on=on, returned_because=because
        )
        self._note(StepTaken(Step.RETURN, waiting.number, because))

    def allowed(self, *, person: str, roles: Set[str], proposers: Set[str], approvers: Set[str]) -> tuple[Step, ...]:
        """The steps that are open to this person now."""
        if self.pending is None:
            return (Step.CORRECT,) if roles & proposers else ()
        if not roles & approvers:
            return ()
        return (Step.RETURN,) if person == self.pending.proposed_by else (Step.APPROVE, Step.RETURN)

    def _waiting(self) -> Version[T]:
        if self.pending is None:
            raise WrongState("No version waits for its approval.", fix="Read it again; propose a correction.")
        return self.pending

    def _note(self, step: StepTaken) -> None:
        self.version += 1
        self.steps.append(step)
