"""The print spool: a folder per business date, and in it each letter as a PDF with its manifest entry.

The entry is written last: the printers take what has an entry, so a half written letter is never printed. Entry and PDF
are named by the notification alone; nothing in the manifest says who gets the letter. Whoever collects the letters may
take the PDFs away but leaves the entries: by them a letter is known that was handed over before.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from kfi_notifications.channels.outcome import Delayed

MANIFEST: Final = "manifest.json"
"""Names the letters of a closed batch, in the folder of its day."""
_ANY_DATE: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True)
class SpooledLetter:
    """A letter to print."""

    notification_id: UUID
    content: bytes
    sha256: str
    pages: int

    def manifest_entry(self) -> bytes:
        """What the printers need to know: which file, how many pages, and its digest to check it by."""
        entry = {
            "notification_id": str(self.notification_id),
            "file": f"{self.notification_id}.pdf",
            "sha256": self.sha256,
            "pages": self.pages,
        }
        return json.dumps(entry, indent=2, sort_keys=True).encode() + b"\n"


@dataclass(frozen=True)
class Found:
    """A letter that was handed over; its file is there until it is collected."""

    handed_over_on: date
    sha256: str
    pages: int
    content: bytes | None


class PrintSpool:
    """The folder from which letters are printed and posted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def hand_over(self, letter: SpooledLetter, today: date) -> date:
        """Put the letter into the folder of the business date and return that date: the day of posting.

        A letter that is there already stays where it is, is written once more with the same bytes, and its first date
        is returned. Raises Delayed when the folder cannot be written.
        """
        return await asyncio.to_thread(self._hand_over, letter, today)

    async def found(self, notification_id: UUID) -> Found | None:
        """The letter as it was handed over, its file only where it is the one of the entry; None when it never was."""
        return await asyncio.to_thread(self._found, notification_id)

    async def place(self, letter: SpooledLetter, day: date) -> None:
        """Put the letter into the folder of a batch, and out of every other, where a crash may have left it.

        Nobody prints it before the manifest of the batch names it. Raises Delayed when the folder cannot be written.
        """
        await asyncio.to_thread(self._place, letter, day)

    async def close(self, day: date, letters: Set[UUID], manifest: bytes) -> None:
        """Write the manifest of a batch, after whatever it does not name is gone from its folder. Raises Delayed."""
        await asyncio.to_thread(self._close, day, letters, manifest)

    def _place(self, letter: SpooledLetter, day: date) -> None:
        try:
            folder = self._folder / day.isoformat()
            folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.glob(f"{_ANY_DATE}/{letter.notification_id}.*"):
                if path.parent != folder:
                    path.unlink()
            _write(folder / f"{letter.notification_id}.pdf", letter.content)
            _write(folder / f"{letter.notification_id}.json", letter.manifest_entry())
        except OSError:
            raise Delayed("print_spool_unavailable") from None

    def _close(self, day: date, letters: Set[UUID], manifest: bytes) -> None:
        named = {f"{letter}{ending}" for letter in letters for ending in (".pdf", ".json")}
        try:
            folder = self._folder / day.isoformat()
            for path in folder.iterdir():
                if path.name not in named:
                    path.unlink()
            _write(folder / MANIFEST, manifest)
        except OSError:
            raise Delayed("print_spool_unavailable") from None

    def _found(self, notification_id: UUID) -> Found | None:
        handed_over_on = self._handed_over_on(notification_id)
        if handed_over_on is None:
            return None
        folder = self._folder / handed_over_on.isoformat()
        entry = json.loads((folder / f"{notification_id}.json").read_bytes())
        file = folder / f"{notification_id}.pdf"
        content = file.read_bytes() if file.exists() else None
        if content is not None and hashlib.sha256(content).hexdigest() != entry["sha256"]:
            content = None
        return Found(handed_over_on, entry["sha256"], entry["pages"], content)

    def _hand_over(self, letter: SpooledLetter, today: date) -> date:
        try:
            handed_over_on = self._handed_over_on(letter.notification_id) or today
            folder = self._folder / handed_over_on.isoformat()
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{letter.notification_id}.pdf", letter.content)
            _write(folder / f"{letter.notification_id}.json", letter.manifest_entry())
            self._remove_unfinished(letter.notification_id, folder)
        except OSError:
            raise Delayed("print_spool_unavailable") from None
        return handed_over_on

    def _handed_over_on(self, notification_id: UUID) -> date | None:
        entries = sorted(self._folder.glob(f"{_ANY_DATE}/{notification_id}.json"))
        return date.fromisoformat(entries[0].parent.name) if entries else None

    def _remove_unfinished(self, notification_id: UUID, folder: Path) -> None:
        """Remove what a crash left in the folder of an earlier date: a PDF without entry, which nobody prints."""
        for path in self._folder.glob(f"{_ANY_DATE}/{notification_id}.pdf"):
            if path.parent != folder:
                path.unlink()


def _write(path: Path, content: bytes) -> None:
    """Write the whole file or none: a temporary one, flushed to the disk, then renamed, then the folder flushed."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
