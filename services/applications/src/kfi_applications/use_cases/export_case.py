"""Somebody has the whole file of a case exported; when it begins and when it was sent whole is recorded."""

from uuid import UUID

from kfi_applications.export import CaseFile
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork
from kfi_chassis.archive import Archive
from kfi_chassis.audit import length_of


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
    records = await length_of(work.connection, AGGREGATE, application_id)
    return CaseFile(application, call, account, attachments, records, work.clock.now(), work.actor.subject)


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
