"""A town's own topic at the broker: who asked for it, whether it is open, and the users that may read it.

Two users take turns, `a` and `b`: while one is being replaced both may read.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kfi_allocation.domain.errors import RuleBroken

OVERLAP: Final = timedelta(days=7)
"""So long a user that was replaced may still read."""


class DoorState(StrEnum):
    """Whether the town reads at the broker."""

    REQUESTED = "requested"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Slot(StrEnum):
    """Which of the two users."""

    A = "a"
    B = "b"


class CredentialState(StrEnum):
    """Whether the broker knows the user."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ENDING = "ending"
    REVOKED = "revoked"


class DoorThere(RuleBroken):
    """The town has its door at the broker already."""

    code = "kafka-door-there"
    title = "The door is there"


class DoorNotOpen(RuleBroken):
    """The town has no open door at the broker."""

    code = "kafka-door-not-open"
    title = "The door is not open"


class BothUsersInUse(RuleBroken):
    """Both users of the town may read at this moment; a third is not made."""

    code = "kafka-users-in-use"
    title = "Both users are in use"


@dataclass
class Credential:
    """One user of a town; its password is known to the town alone."""

    id: UUID
    slot: Slot
    state: CredentialState
    created_at: datetime
    ends_at: datetime | None = None

    def end(self, at: datetime) -> None:
        """It may read until then, and not longer than it may already."""
        self.state = CredentialState.ENDING
        self.ends_at = at if self.ends_at is None else min(at, self.ends_at)


@dataclass
class KafkaDoor:
    """The door of one town, with the users that are not revoked."""

    id: UUID
    ags: str
    version: int
    state: DoorState
    opened_after: int | None = None
    credentials: list[Credential] = field(default_factory=list)

    @property
    def topic(self) -> str:
        """The town's topic."""
        return topic_of(self.ags)

    @property
    def group_prefix(self) -> str:
        """Every consumer group of the town begins so."""
        return f"municipality.{self.ags}."

    def username(self, slot: Slot) -> str:
        """The user's name at the broker."""
        return f"municipality-{self.ags}-{slot}"

    def ask(self, credential_id: UUID, now: datetime) -> Credential:
        """Ask for a user; the one before it ends after the overlap. Raises DoorNotOpen, BothUsersInUse."""
        if self.state not in (DoorState.REQUESTED, DoorState.OPEN):
            raise DoorNotOpen("The town has no door at the broker.", fix="Ask for the door first.")
        free = [slot for slot in Slot if slot not in {each.slot for each in self.credentials}]
        if not free:
            raise BothUsersInUse("Both users may read.", fix="Wait until one ends, or revoke one.")
        for each in self.credentials:
            each.end(now + OVERLAP)
        fresh = Credential(credential_id, free[0], CredentialState.REQUESTED, now)
        self.credentials.append(fresh)
        return fresh

    def revoke(self, slot: Slot, now: datetime) -> None:
        """End one user at once. Raises DoorNotOpen when there is none."""
        found = [each for each in self.credentials if each.slot is slot]
        if not found:
            raise DoorNotOpen("There is no such user.", fix="Look which users there are.")
        found[0].end(now)

    def close(self, now: datetime) -> None:
        """End all users at once; what is in the topic goes with its time. Raises DoorNotOpen."""
        if self.state not in (DoorState.REQUESTED, DoorState.OPEN):
            raise DoorNotOpen("The town has no door at the broker.", fix="Look at the door again.")
        self.state = DoorState.CLOSING
        for each in self.credentials:
            each.end(now)


def topic_of(ags: str) -> str:
    """The topic of a town."""
    return f"municipality.{ags}.v1"
