"""An organisation takes a letter out of its inbox."""

from uuid import UUID

from kfi_chassis.transient import VersionConflict
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.notification import Notification
from kfi_notifications.repository import AGGREGATE, DocumentMissing
from kfi_notifications.work import NotificationsWork


class NotRetrieved(Exception):
    """The letter is read only by retrieving it, because that has consequences in law."""


async def retrieve(message_id: UUID, organisation: str, seen_version: int, work: NotificationsWork) -> StoredDocument:
    """The letter, and with it its announcement on the next day (§ 41 (2a) S. 3 VwVfG).

    Kept with the time and the person. Raises NotificationUnknown, NotRetrievedInTime, WrongState where it was retrieved
    before, VersionConflict.
    """
    inbox = work.inbox(organisation)
    notification = await inbox.get(message_id, locked=True)
    if notification.version != seen_version:
        raise VersionConflict(retry=False)
    period = notification.retrieve(work.calendar.today())
    await inbox.note_retrieval(notification, work.actor, work.clock)
    await work.notifications.save(notification, "retrieved")
    work.deadlines.cancel("retrieval", notification.id)
    if period is not None:
        work.deadlines.schedule("announcement", notification.id, period.announced.value)
    return await _document_of(notification, work)


async def read_again(message_id: UUID, organisation: str, work: NotificationsWork) -> StoredDocument:
    """A letter that was retrieved before; each look is on record. Raises NotificationUnknown, NotRetrieved."""
    notification = await work.inbox(organisation).get(message_id)
    if notification.retrieved_on is None:
        raise NotRetrieved
    document = await _document_of(notification, work)
    work.audit.add(
        aggregate=AGGREGATE,
        aggregate_id=message_id,
        version=notification.version,
        action="document-read",
        details={"sha256": document.sha256},
    )
    return document


async def _document_of(notification: Notification, work: NotificationsWork) -> StoredDocument:
    document = await work.documents.get(notification.id)
    if document is None:
        raise DocumentMissing
    return document
