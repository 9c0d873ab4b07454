"""A print batch (Druckstapel): the letters of a working day, closed at a fixed time, posted as the print room says.

The day of posting is what counts in law (§ 41 (2) VwVfG NRW), and only the print room knows it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from kfi_law.legal_calendar import is_working_day, next_working_day

_A_DAY: Final = timedelta(days=1)


class AlreadyAcknowledged(Exception):
    """The print room has said before when the letters were posted."""


class NotClosed(Exception):
    """The batch still takes letters."""


class AnotherManifest(Exception):
    """What was printed is not what the manifest of the batch names."""


class PostedOnImpossible(ValueError):
    """Letters are posted on or after the day of their batch, and not in the future."""


class NotInBatch(ValueError):
    """A letter that is said not to have been posted is none of the batch."""


@dataclass(frozen=True)
class BatchLetter:
    """A letter of a batch as the manifest names it."""

    notification_id: UUID
    sha256: str
    pages: int


@dataclass
class PrintBatch:
    """The letters of one working day; its folder in the spool has the name of the day."""

    id: UUID
    day: date
    version: int = 1
    closed_at: datetime | None = None
    letters: int | None = None
    manifest_sha256: str | None = None
    posted_on: date | None = None

    def close(self, letters: Sequence[BatchLetter], at: datetime) -> bytes:
        """Nothing is added any more; the manifest by which it is printed."""
        manifest = self.manifest(letters)
        self.closed_at, self.letters = at, len(letters)
        self.manifest_sha256 = hashlib.sha256(manifest).hexdigest()
        return manifest

    def acknowledge(self, manifest_sha256: str, posted_on: date, *, today: date) -> None:
        """The print room has posted what this manifest names.

        Raises NotClosed, AlreadyAcknowledged, AnotherManifest, PostedOnImpossible.
        """
        if self.closed_at is None:
            raise NotClosed
        if self.posted_on is not None:
            raise AlreadyAcknowledged
        if manifest_sha256 != self.manifest_sha256:
            raise AnotherManifest
        if not self.day <= posted_on <= today:
            raise PostedOnImpossible
        self.posted_on = posted_on

    def manifest(self, letters: Sequence[BatchLetter]) -> bytes:
        """What is to be printed: each file with its pages and digest, and nobody's name."""
        named = [
            {
                "file": f"{letter.notification_id}.pdf",
                "notification_id": str(letter.notification_id),
                "pages": letter.pages,
                "sha256": letter.sha256,
            }
            for letter in sorted(letters, key=lambda letter: str(letter.notification_id))
        ]
        batch = {"batch": str(self.id), "day": self.day.isoformat(), "letters": named}
        return json.dumps(batch, indent=2, sort_keys=True).encode() + b"\n"


def day_of_batch(today: date, now: time, cut_off: time) -> date:
    """The batch that a letter joins: that of today before the cut-off, else that of the next working day."""
    if is_working_day(today) and now < cut_off:
        return today
    return next_working_day(today + _A_DAY)


def is_due(batch: PrintBatch, today: date, now: time, cut_off: time) -> bool:
    """Whether nothing may be added to the batch any more."""
    return batch.day < today or (batch.day == today and now >= cut_off)
