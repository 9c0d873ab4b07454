"""The personal data of a person is erased everywhere: its letters can be read by nobody any more."""

from uuid import UUID

from kfi_contracts.notifications import FailureReason
from kfi_notifications.use_cases.provide import DEADLINE
from kfi_notifications.work import NotificationsWork

PERSON = "person"


async def erase_person(person: UUID, work: NotificationsWork) -> None:
    """Delete the key of the person of an aggregate; what has not left the house will not leave it any more."""
    for notification in await work.notifications.unsent_about(person):
        notification.fail(FailureReason.CONTENT_NOT_OPENABLE)
        await work.notifications.save(notification, "failed", reason=FailureReason.CONTENT_NOT_OPENABLE)
        await work.deliveries.finish([notification.id])
        work.deadlines.cancel(DEADLINE, notification.id)
    await work.persons.erase(person)
    work.audit.add(aggregate=PERSON, aggregate_id=person, version=1, action="erased")
