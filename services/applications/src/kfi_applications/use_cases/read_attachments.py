"""Somebody looks at the attachments of a case, or reads one; of staff it is recorded."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.attachment import Attachment, Source, UnknownAttachment
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork
from kfi_chassis.privacy.persons import PersonErased


class Look(StrEnum):
    """What was looked at."""

    LIST = "read-attachments"
    CONTENT = "read-attachment"


def source_seen_by(organisation: str | None) -> Source | None:
    """Whose attachments a reader sees: an organisation its own, staff all."""
    return None if organisation is None else Source.APPLICANT


async def list_attachments(
    application_id: UUID, organisation: str | None, work: ApplicationsWork
) -> Sequence[Attachment]:
    """The attachments of a case as this reader may see them. Raises UnknownApplication."""
    application = await work.applications.get(application_id, organisation=organisation)
    _record(Look.LIST, application, organisation, {}, work)
    return await work.attachments.of_case(application_id, source_seen_by(organisation))


async def read_attachment(
    application_id: UUID, attachment_id: UUID, organisation: str | None, work: ApplicationsWork
) -> Attachment:
    """One attachment, without its content. Raises UnknownApplication, UnknownAttachment."""
    application = await work.applications.get(application_id, organisation=organisation)
    attachment = await work.attachments.get(application_id, attachment_id, source_seen_by(organisation))
    _record(Look.LIST, application, organisation, {"attachment_id": str(attachment.id)}, work)
    return attachment


async def open_attachment(
    application_id: UUID, attachment_id: UUID, organisation: str | None, work: ApplicationsWork
) -> Attachment:
    """One attachment whose content is about to be read. Raises UnknownAttachment for a removed one, PersonErased."""
    application = await work.applications.get(application_id, organisation=organisation)
    attachment = await work.attachments.get(application_id, attachment_id, source_seen_by(organisation))
    if attachment.removed_on is not None:
        raise UnknownAttachment
    if application.erased_on is not None:
        raise PersonErased
    details = {"attachment_id": str(attachment.id), "sha256": attachment.sha256}
    _record(Look.CONTENT, application, organisation, details, work)
    return attachment


def _record(
    look: Look, application: Application, organisation: str | None, details: Mapping[str, str], work: ApplicationsWork
) -> None:
    if organisation is None:
        work.audit.add(
            aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action=look,
            details=details,
        )  # fmt: skip
