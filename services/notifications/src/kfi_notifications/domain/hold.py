"""A hold: a letter, all letters of a template, or all of a service stay in the house until somebody releases them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class HoldScope(StrEnum):
    """What a hold holds: one notification by its id, a template by its name, or whatever a service orders."""

    NOTIFICATION = "notification"
    TEMPLATE = "template"
    SERVICE = "service"


class HoldReason(StrEnum):
    """Why letters are held; a code, because the audit holds no free text."""

    CONTENT = "content"
    ADDRESSEE = "addressee"
    COURT = "court"
    TECHNICAL = "technical"
    OTHER = "other"


class AlreadyReleased(Exception):
    """The hold is over."""


class AlreadyHeld(Exception):
    """The same is held already."""


@dataclass
class Hold:
    """What is held and why, since and until when."""

    id: UUID
    scope: HoldScope
    target: str
    reason: HoldReason
    placed_on: date
    released_on: date | None = None
    version: int = 1

    def release(self, on: date) -> None:
        """What it held may leave. Raises AlreadyReleased."""
        if self.released_on is not None:
            raise AlreadyReleased
        self.released_on = on
