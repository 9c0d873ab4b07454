"""A mandate to stand in (Vertretung): who for whom, from when until when."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_applications.domain.errors import MandateNotPossible, NotYours, WrongState


@dataclass
class Mandate:
    """A dated mandate; it ends on its last day or with its revocation. Standing in changes nothing of four eyes."""

    id: UUID
    represented: str
    deputy: str
    valid_from: date
    valid_until: date
    granted_by: str
    revoked_on: date | None = None
    version: int = 0

    @classmethod
    def grant(
        cls, mandate_id: UUID, *, represented: str, deputy: str, valid_from: date, valid_until: date,
        by: str, by_signatory: bool, today: date,
    ) -> "Mandate":  # fmt: skip
        """By the person itself, or by a signatory for one who is away; nobody makes themselves a deputy.

        Raises MandateNotPossible, NotYours.
        """
        if by != represented and not by_signatory:
            raise NotYours(
                "The mandate would be for somebody else.", fix="Have that person or a signatory enter it.",
                field="represented",
            )  # fmt: skip
        if deputy in {represented, by}:
            raise MandateNotPossible(
                "Nobody stands in for themselves or makes themselves a deputy.", fix="Name another person.",
                field="deputy",
            )  # fmt: skip
        if not max(valid_from, today) <= valid_until:
            raise MandateNotPossible(
                "The mandate would end before it begins, or is over already.", fix="Correct the days.",
                field="valid_until",
            )  # fmt: skip
        return cls(mandate_id, represented, deputy, valid_from, valid_until, by)

    def in_force(self, day: date) -> bool:
        """Whether the deputy stands in on a day."""
        return self.valid_from <= day <= self.valid_until and (self.revoked_on is None or day < self.revoked_on)

    def revoke(self, *, by: str, by_signatory: bool, today: date) -> None:
        """End it today. Raises NotYours, WrongState when it has ended."""
        if by not in {self.represented, self.granted_by} and not by_signatory:
            raise NotYours("The mandate is somebody else's.", fix="Have that person or a signatory revoke it.")
        if self.revoked_on is not None or self.valid_until < today:
            raise WrongState("The mandate has ended already.", fix="Read the mandates again.")
        self.revoked_on = today
