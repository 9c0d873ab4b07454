"""A file is added to a case, by its applicant or by the authority."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID, uuid4

from kfi_applications.domain.attachment import Attachment, ReceivedFile, Source, TooManyAttachments
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork
from kfi_chassis.privacy.persons import PersonErased


@dataclass(frozen=True)
class AddAttachment:
    """To which case, and for which organisation; None is the authority."""

    application_id: UUID
    organisation: str | None

    @property
    def source(self) -> Source:
        """Whose file it is."""
        return Source.AUTHORITY if self.organisation is None else Source.APPLICANT


async def may_add_attachment(command: AddAttachment, work: ApplicationsWork) -> None:
    """Tell before a file is taken in that the case cannot have it. Raises UnknownApplication, PersonErased."""
    application = await work.applications.get(command.application_id, organisation=command.organisation)
    if application.erased_on is not None:
        raise PersonErased


async def add_attachment(
    command: AddAttachment, received: ReceivedFile, content: BinaryIO, work: ApplicationsWork
) -> UUID:
    """Store the file with the case. Raises UnknownApplication, TooManyAttachments, PersonErased."""
    application = await work.applications.get_to_change(command.application_id, organisation=command.organisation)
    attachment = Attachment(
        uuid4(), application.id, await _next_number(command, work), received.name, received.kind, received.size,
        received.sha256, received.scan, command.source, work.calendar.today(),
    )  # fmt: skip
    await work.attachments.add(attachment, content)
    details = {
        "attachment_id": str(attachment.id), "sha256": attachment.sha256, "bytes": str(attachment.size),
        "kind": attachment.kind.value, "scan": attachment.scan.value, "source": attachment.source.value,
    }  # fmt: skip
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action="add-attachment",
        details=details,
    )  # fmt: skip
    return attachment.id


async def _next_number(command: AddAttachment, work: ApplicationsWork) -> int:
    last, present = await work.attachments.last_number(command.application_id)
    most = work.settings.attachments_per_case
    if present >= most:
        raise TooManyAttachments(f"A case has {most} attachments at most.", fix="Remove one that is not needed.")
    return last + 1
