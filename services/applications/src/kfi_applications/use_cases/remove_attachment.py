"""An attachment is removed from a case that is not decided."""

from dataclasses import dataclass
from uuid import UUID

from kfi_applications.domain.attachment import Attachment, RemovalReason
from kfi_applications.repository import AGGREGATE
from kfi_applications.use_cases.read_attachments import source_seen_by
from kfi_applications.works import ApplicationsWork
from kfi_chassis.work import VersionConflict


@dataclass(frozen=True)
class RemoveAttachment:
    """Which attachment as it was seen, why, and for which organisation; None is the authority."""

    application_id: UUID
    attachment_id: UUID
    seen_version: int
    reason: RemovalReason
    organisation: str | None


async def remove_attachment(command: RemoveAttachment, work: ApplicationsWork) -> Attachment:
    """Delete the content and record why; hash and reason stay.

    Raises UnknownApplication, UnknownAttachment, WrongState after the decision, VersionConflict.
    """
    application = await work.applications.get_to_change(command.application_id, organisation=command.organisation)
    source = source_seen_by(command.organisation)
    found = await work.attachments.get(application.id, command.attachment_id, source)
    if found.version != command.seen_version:
        raise VersionConflict(retry=False)
    removed = found.removed(command.reason, work.calendar.today(), decided=application.decision is not None)
    await work.attachments.remove(removed, seen_version=found.version)
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action="remove-attachment",
        reason=command.reason, details={"attachment_id": str(found.id), "sha256": found.sha256},
    )  # fmt: skip
    return removed
