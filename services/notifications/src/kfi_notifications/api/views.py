"""What is shown of a notification: ids, dates and codes; never the addressee."""

from collections.abc import Iterator, Set
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from kfi_contracts.notifications import Channel, FailureReason, LegalEffect
from kfi_notifications.deliveries import HELD
from kfi_notifications.domain.duties import may_sign, office_of
from kfi_notifications.domain.notification import STILL_HERE, Notification, State


class NotificationView(BaseModel):
    """One letter or e-mail and what became of it."""

    id: UUID
    ordered_by: str
    concerns: UUID
    act_id: UUID | None
    channel: Channel
    legal_effect: LegalEffect
    template: str
    template_version: int
    language: str
    state: State
    not_before: date | None
    accepted_on: date
    dispatched_on: date | None
    announced_on: date | None
    remedy_ends_on: date | None
    failure: FailureReason | None
    through_inbox: bool
    provided_on: date | None
    retrieve_by: date | None
    retrieved_on: date | None
    obstacle: str | None
    """What stopped the last attempt, while it is tried again."""
    content_digest: str
    document_sha256: str | None
    """The digest of the very file that left the house; none until it is written."""
    version: int
    actions: list[str]
    """What this person may do now."""


def view_of(
    notification: Notification, obstacle: str | None, document_sha256: str | None, roles: Set[str]
) -> NotificationView:
    """Show a notification to a person with these roles."""
    return NotificationView(
        **{name: getattr(notification, name) for name in NotificationView.model_fields if hasattr(notification, name)},
        obstacle=obstacle,
        document_sha256=document_sha256,
        actions=[
            *([] if document_sha256 is None else ["read-document"]),
            *_possible(notification, obstacle, roles),
        ],
    )


def _possible(notification: Notification, obstacle: str | None, roles: Set[str]) -> Iterator[str]:
    """What this person may do to it, beside reading."""
    if notification.state in STILL_HERE and may_sign(roles, notification.ordered_by):
        if obstacle != HELD:
            yield "hold"
        yield "recall"
    office = office_of(notification.ordered_by)
    if notification.was_posted and office is not None and not roles.isdisjoint(office.staff):
        yield "record-return"
