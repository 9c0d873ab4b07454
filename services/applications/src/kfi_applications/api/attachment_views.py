"""What is shown of an attachment, and what is asked to remove one."""

from datetime import date
from uuid import UUID

from kfi_applications.api.views import View
from kfi_applications.domain.attachment import Attachment, Kind, RemovalReason, Scan, Source
from kfi_applications.stated import Statement


class AttachmentView(View):
    """One attachment; ``version`` is its ETag, ``size`` in bytes, ``scan`` what is known of harmful content."""

    id: UUID
    number: int
    name: str
    media_type: Kind
    size: int
    sha256: str
    scan: Scan
    source: Source
    added_on: date
    removed_on: date | None
    removal_reason: RemovalReason | None
    version: int

    @classmethod
    def of(cls, attachment: Attachment) -> "AttachmentView":
        """The view of an attachment."""
        shown = {name: getattr(attachment, name) for name in cls.model_fields if name != "media_type"}
        return cls(**shown, media_type=attachment.kind)


class AttachmentList(View):
    """The attachments of a case in the order in which they came, removed ones without content."""

    items: tuple[AttachmentView, ...]


class AttachmentRemoval(Statement):
    """Why an attachment is removed."""

    reason: RemovalReason
