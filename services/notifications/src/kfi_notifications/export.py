"""All letters and e-mails about one case as one archive, made while it is sent: the files that left the house."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from kfi_chassis.archive import Archive
from kfi_chassis.archive_check import HISTORY
from kfi_chassis.audit import records_of
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification
from kfi_notifications.repository import AGGREGATE
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import EMAIL, PDF

T = TypeVar("T")
Read = Callable[[Callable[[NotificationsWork], Awaitable[T]]], Awaitable[T]]
ENDINGS: Final = {PDF: "pdf", EMAIL: "eml"}
_NOTIFICATIONS: Final = TypeAdapter(Sequence[Notification])
_NOT_SHOWN: Final = {"__all__": {"content", "recorded"}}
_README: Final = """\
Schreiben zum Vorgang {concerns}

Ausgegeben am {day} aus dem Dienst für Schreiben.

schreiben.json       jedes Schreiben und jede E-Mail: wann abgesandt, wann bekannt gegeben, mit welcher Frist
schreiben/           die Dateien, wie sie das Haus verlassen haben (PDF/A, E-Mail)
historie.jsonl       jede Änderung und jede Einsicht; jede Zeile ist mit der davor verkettet
manifest.json        Größe und SHA-256 jeder Datei dieses Archivs

Prüfen, ob das Archiv vollständig und unverändert ist:  kfi-notifications export verify ARCHIV.zip
"""


@dataclass(frozen=True)
class Letters:
    """What there is about a case at one moment: its notifications, and how many audit rows each of them has."""

    concerns: UUID
    notifications: Sequence[Notification]
    records: Sequence[int]
    exported_at: datetime
    exported_by: str


async def exported(letters: Letters, read: Read[Any], archive: Archive) -> AsyncIterator[bytes]:
    """The archive part by part, one letter in memory at a time; its last entry is the manifest then."""
    day = letters.exported_at.strftime("%d.%m.%Y")
    shown = _NOTIFICATIONS.dump_python(letters.notifications, mode="json", exclude=_NOT_SHOWN)
    for stream in (
        archive.text("LIESMICH.txt", _README.format(concerns=letters.concerns, day=day)),
        archive.document("schreiben.json", shown),
        _documents(letters, read, archive),
        archive.lines(HISTORY, _history(letters, read)),
        archive.end(_about(letters)),
    ):
        async for part in stream:
            yield part


async def _documents(letters: Letters, read: Read[StoredDocument | None], archive: Archive) -> AsyncIterator[bytes]:
    for number, notification in enumerate(letters.notifications, start=1):

        async def get(work: NotificationsWork, notification_id: UUID = notification.id) -> StoredDocument | None:
            return await work.documents.get(notification_id)

        document = await read(get)
        if document is not None:
            name = f"schreiben/{number:03d}-{notification.template}-{notification.id}.{ENDINGS[document.media_type]}"
            async for part in archive.file(name, _once(document.content)):
                yield part


async def _history(letters: Letters, read: Read[list[dict[str, object]]]) -> AsyncIterator[bytes]:
    for notification, length in zip(letters.notifications, letters.records, strict=True):
        after = 0
        while after < length:

            async def portion(
                work: NotificationsWork, chain: UUID = notification.id, after: int = after
            ) -> list[dict[str, object]]:
                return await records_of(work.connection, AGGREGATE, chain, after=after)

            records = await read(portion)
            yield b"".join((json.dumps(each, ensure_ascii=False) + "\n").encode() for each in records[: length - after])
            after += len(records)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _about(letters: Letters) -> dict[str, Any]:
    return {
        "service": "notifications",
        "concerns": str(letters.concerns),
        "exported_at": letters.exported_at.isoformat(),
        "exported_by": letters.exported_by,
        "letters": [
            {"notification_id": str(each.id), "content_digest": each.content_digest} for each in letters.notifications
        ],
    }
