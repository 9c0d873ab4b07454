"""The whole file of a case as one archive, made while it is sent: for a court, or for the audit office.

Each step reads in a transaction of its own, so a slow reader holds nothing; the case and its list of attachments are
of one moment, the history goes up to that moment.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from kfi_applications.attachment_repository import parts_of
from kfi_applications.domain.application import Application
from kfi_applications.domain.attachment import Attachment
from kfi_applications.domain.bank_account import BankAccount
from kfi_applications.domain.calls import Call
from kfi_applications.domain.correction import Correction
from kfi_applications.note_repository import Note
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.archive_check import HISTORY
from kfi_chassis.audit import records_of

T = TypeVar("T")
Read = Callable[[Callable[[ApplicationsWork], Awaitable[T]]], Awaitable[T]]
_CASE: Final = TypeAdapter(Application)
_CALL: Final = TypeAdapter(Call | None)
_ACCOUNT: Final = TypeAdapter(BankAccount | None)
_ATTACHMENTS: Final = TypeAdapter(Sequence[Attachment])
_NOTES: Final = TypeAdapter(Sequence[Note])
_CORRECTIONS: Final = TypeAdapter(Sequence[Correction])
_COLLECTED: Final = {"steps", "happened"}
_DECIDED_ON: Final = {"assessment", "proposal", "decision"}
_README: Final = """\
Vorgang {file_number}

Diese Akte wurde am {day} aus dem Fachverfahren ausgegeben.

vorgang.json         was beantragt wurde und zu welchem Förderaufruf, Stand, Fristen, Rechtsbehelfe, Bankverbindung
entscheidung.json    Bewertung mit jedem Rechenschritt und seiner Rechtsgrundlage, Vorschlag, Bescheid, Berichtigungen
notizen.json         Vermerke der Bearbeitung
anlagen.json         Verzeichnis der Anlagen mit Prüfsummen, auch der entfernten
anlagen/             die Anlagen, wie sie eingegangen sind
historie.jsonl       jede Änderung und jede Einsicht: wer, was, wann, warum; jede Zeile ist mit der davor verkettet
manifest.json        Größe und SHA-256 jeder Datei dieses Archivs

Die Schreiben selbst (PDF) gibt der Dienst für Schreiben aus: {letters}
Zu jedem Schreiben steht in manifest.json die Prüfsumme des Inhalts, der gezeichnet wurde.

Prüfen, ob das Archiv vollständig und unverändert ist:  kfi-applications export verify ARCHIV.zip
"""


@dataclass(frozen=True)
class Chain:
    """The records of the case or of one of its corrections: how many there are."""

    aggregate: str
    id: UUID
    records: int


@dataclass(frozen=True)
class CaseFile:
    """What belongs to a case at one moment."""

    application: Application
    call: Call | None
    account: BankAccount | None
    attachments: Sequence[Attachment]
    notes: Sequence[Note]
    corrections: Sequence[Correction]
    chains: Sequence[Chain]
    exported_at: datetime
    exported_by: str

    @property
    def readable(self) -> Sequence[Attachment]:
        """The attachments whose content is there: not removed, and the personal data of the case not erased."""
        erased = self.application.erased_on is not None
        return [each for each in self.attachments if not erased and each.removed_on is None]

    @property
    def letters_at(self) -> str:
        """Where the letters themselves are to be had."""
        return f"/notifications/v1/exports?concerns={self.application.id}"


async def exported(file: CaseFile, read: Read[Any], archive: Archive) -> AsyncIterator[bytes]:
    """The archive part by part; its last entry is the manifest then. Raises UnknownAttachment for one that went."""
    application = file.application
    facts = _CASE.dump_python(application, mode="json", exclude=_COLLECTED)
    decided_on = {name: facts.pop(name) for name in _DECIDED_ON}
    decided_on["corrections"] = _CORRECTIONS.dump_python(file.corrections, mode="json", exclude={"__all__": {"steps"}})
    facts["call_terms"] = _CALL.dump_python(file.call, mode="json")
    facts["bank_account"] = _ACCOUNT.dump_python(file.account, mode="json")
    for stream in (
        archive.text("LIESMICH.txt", _readme(file)),
        archive.document("vorgang.json", facts),
        archive.document("entscheidung.json", decided_on),
        archive.document("notizen.json", _NOTES.dump_python(file.notes, mode="json")),
        archive.document("anlagen.json", _ATTACHMENTS.dump_python(file.attachments, mode="json")),
        *(archive.file(_name(each), _parts(each, read)) for each in file.readable),
        archive.lines(HISTORY, _history(file, read)),
        archive.end(_about(file)),
    ):
        async for part in stream:
            yield part


async def _parts(attachment: Attachment, read: Read[bytes]) -> AsyncIterator[bytes]:
    for number in parts_of(attachment):

        async def part(work: ApplicationsWork, number: int = number) -> bytes:
            return await work.attachments.part(attachment, number)

        yield await read(part)


async def _history(file: CaseFile, read: Read[list[dict[str, object]]]) -> AsyncIterator[bytes]:
    for chain in file.chains:
        after = 0
        while after < chain.records:

            async def portion(
                work: ApplicationsWork, chain: Chain = chain, after: int = after
            ) -> list[dict[str, object]]:
                return await records_of(work.connection, chain.aggregate, chain.id, after=after)

            records = await read(portion)
            yield b"".join(map(_line, records[: chain.records - after]))
            after += len(records)


def _line(record: dict[str, object]) -> bytes:
    return (json.dumps(record, ensure_ascii=False) + "\n").encode()


def _name(attachment: Attachment) -> str:
    return f"anlagen/{attachment.number:03d}-{attachment.name}"


def _readme(file: CaseFile) -> str:
    day = file.exported_at.strftime("%d.%m.%Y")
    return _README.format(file_number=file.application.file_number, day=day, letters=file.letters_at)


def _about(file: CaseFile) -> dict[str, Any]:
    return {
        "service": "applications",
        "concerns": str(file.application.id),
        "file_number": file.application.file_number,
        "exported_at": file.exported_at.isoformat(),
        "exported_by": file.exported_by,
        "letters": list(_letters_of(file)),
        "letters_at": file.letters_at,
    }


def _letters_of(file: CaseFile) -> Iterator[dict[str, str]]:
    """By which its letters are found in the archive of letters: the id, and for an act the digest that was signed."""
    for request in file.application.information_requests:
        yield {"notification_id": str(request.letter_id)}
    for act in (file.application.decision, *file.corrections):
        if act is not None and act.letter_id is not None:
            signed = {"content_digest": str(act.letter_digest), "act_id": str(act.id)}
            yield {"notification_id": str(act.letter_id)} | signed
