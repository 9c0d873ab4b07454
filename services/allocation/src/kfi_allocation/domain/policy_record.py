"""A policy on its way into force: one person drafts it, another puts it into force; then nobody changes it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.policy import AllocationPolicy
from kfi_allocation.domain.refusals import SecondPersonNeeded, SettledAlready


class Standing(StrEnum):
    """Where a policy stands; of those in force, the one valid from the latest day holds."""

    DRAFTED = "drafted"
    IN_FORCE = "in-force"
    RETURNED = "returned"


class PolicyStep(StrEnum):
    """What is done to a policy; the last part of its address, and the action of its audit row."""

    DRAFT = "draft"
    PUT_INTO_FORCE = "approval"
    RETURN = "return"


class ReturnedBecause(StrEnum):
    """Why a draft does not come into force; a code, because the audit holds no free text."""

    FIGURES = "figures"
    DATES = "dates"
    SOURCE = "source"
    WITHDRAWN = "withdrawn"


@dataclass
class PolicyRecord:
    """A policy and who stands for it; persons, not accounts. `document` is what was drafted, word for word."""

    id: UUID
    policy: AllocationPolicy
    document: dict[str, Any]
    drafted_by: str
    drafted_on: date
    standing: Standing = Standing.DRAFTED
    decided_by: str | None = None
    decided_on: date | None = None
    returned_because: ReturnedBecause | None = None
    version: int = 0
    steps: list[PolicyStep] = field(default_factory=list)

    @classmethod
    def draft(
        cls, policy_id: UUID, policy: AllocationPolicy, document: dict[str, Any], *, by: str, on: date
    ) -> "PolicyRecord":
        """The first person says what shall hold."""
        record = cls(policy_id, policy, document, by, on)
        record._note(PolicyStep.DRAFT)
        return record

    def put_into_force(self, *, by: str, on: date, another_holds: bool) -> None:
        """The second person puts it into force; where another policy holds, never for days that have passed.

        Raises SettledAlready, SecondPersonNeeded, DateNotPossible.
        """
        self._must_be_drafted()
        if by == self.drafted_by:
            raise SecondPersonNeeded(
                "The person who drafted the policy cannot put it into force; another account changes nothing.",
                fix="Have another person read it and put it into force.",
            )
        if another_holds and self.policy.valid_from < on:
            raise DateNotPossible(
                f"The policy would hold from {self.policy.valid_from}, and another one held on that day.",
                fix="Draft it with a day that has not passed.", field="valid_from",
            )  # fmt: skip
        self._decide(Standing.IN_FORCE, by, on, PolicyStep.PUT_INTO_FORCE)

    def give_back(self, *, by: str, on: date, because: ReturnedBecause) -> None:
        """It does not come into force; its drafter may withdraw it so. Raises SettledAlready."""
        self._must_be_drafted()
        self.returned_because = because
        self._decide(Standing.RETURNED, by, on, PolicyStep.RETURN)

    def allowed(self, *, person: str, signs: bool, drafts: bool) -> tuple[PolicyStep, ...]:
        """The steps open to this person now."""
        if self.standing is not Standing.DRAFTED or not (signs or drafts):
            return ()
        if person == self.drafted_by:
            return (PolicyStep.RETURN,)
        return (PolicyStep.PUT_INTO_FORCE, PolicyStep.RETURN) if signs else ()

    def _decide(self, standing: Standing, by: str, on: date, step: PolicyStep) -> None:
        self.standing, self.decided_by, self.decided_on = standing, by, on
        self._note(step)

    def _must_be_drafted(self) -> None:
        if self.standing is not Standing.DRAFTED:
            raise SettledAlready(f"The policy is {self.standing} already.", fix="Draft a new one.")

    def _note(self, step: PolicyStep) -> None:
        self.version += 1
        self.steps.append(step)
