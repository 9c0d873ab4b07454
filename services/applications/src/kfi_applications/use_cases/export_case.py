"""Somebody has the whole file of a case exported; when it begins and when it was sent whole is recorded."""

from collections.abc import Sequence
from uuid import UUID

from kfi_applications.correction_repository import AGGREGATE as CORRECTION
from kfi_applications.export import CaseFile, Chain
from kfi_applications.note_repository import Note
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.audit import length_of

_PORTION = 100


async def begin_export(application_id: UUID, work: ApplicationsWork) -> None:
    """Record that the file is read whole. Raises UnknownApplication."""
    application = await work.applications.get(application_id)
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action="read-export"
    )  # fmt: skip


async def collect_case(application_id: UUID, work: ApplicationsWork) -> CaseFile:
    """What belongs to the case now. Raises UnknownApplication."""
    application = await work.applications.get(application_id)
    call = await work.calls.found_of(application)
    account = None if application.erased_on else await work.bank_accounts.get(application_id)
    attachments = await work.attachments.of_case(application_id)
    notes = await _notes(application_id, work)
    corrections = () if application.erased_on else await work.corrections.of_case(application_id)
    chains = [
        await _chain(AGGREGATE, application_id, work),
        *[await _chain(CORRECTION, each.id, work) for each in corrections],
    ]
    return CaseFile(
        application, call, account, attachments, notes, corrections, chains, work.clock.now(), work.actor.subject
    )


async def end_export(file: CaseFile, archive: Archive, work: ApplicationsWork) -> None:
    """Record that it was sent whole, with the hash of its manifest, by which it can be known again."""
    manifest = archive.entries[-1]
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=file.application.id,
        version=file.application.version,
        action="read-export-whole",
        details={"manifest_sha256": manifest.sha256, "entries": str(len(archive.entries) - 1)},
    )


async def _chain(aggregate: str, aggregate_id: UUID, work: ApplicationsWork) -> Chain:
    return Chain(aggregate, aggregate_id, await length_of(work.connection, aggregate, aggregate_id))


async def _notes(application_id: UUID, work: ApplicationsWork) -> Sequence[Note]:
    found: list[Note] = []
    while page := await work.notes.page(application_id, after=found[-1].position if found else None, rows=_PORTION):
        found += page
    return found
