"""Somebody has all letters about a case exported; that it began and that it was sent whole is recorded with each."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from kfi_chassis.archive import Archive
from kfi_chassis.audit import length_of
from kfi_notifications.domain.notification import Notification
from kfi_notifications.export import Letters
from kfi_notifications.repository import AGGREGATE, NotificationUnknown
from kfi_notifications.work import NotificationsWork

_PORTION = 100


async def begin_export(concerns: UUID, services: frozenset[str] | None, work: NotificationsWork) -> None:
    """Record that the letters are read. Raises NotificationUnknown where these services ordered none about it."""
    notifications = await _all(concerns, services, work)
    if not notifications:
        raise NotificationUnknown
    _record(notifications, "export-read", {}, work)


async def collect_letters(concerns: UUID, services: frozenset[str] | None, work: NotificationsWork) -> Letters:
    """What there is about the case now, ordered by these services; None: by any."""
    notifications = await _all(concerns, services, work)
    records = [await length_of(work.connection, AGGREGATE, each.id) for each in notifications]
    return Letters(concerns, notifications, records, work.clock.now(), work.actor.subject)


async def end_export(letters: Letters, archive: Archive, work: NotificationsWork) -> None:
    """Record that all was sent, with the hash of the manifest, by which the archive can be known again."""
    _record(letters.notifications, "whole-export-read", {"manifest_sha256": archive.entries[-1].sha256}, work)


async def _all(concerns: UUID, services: frozenset[str] | None, work: NotificationsWork) -> Sequence[Notification]:
    found: list[Notification] = []
    last = 0
    while page := await work.notifications.page(concerns, after=last, limit=_PORTION, of=services):
        last = page[-1][0]
        found += [notification for _, notification in page]
    return found


def _record(
    notifications: Sequence[Notification], action: str, details: Mapping[str, str], work: NotificationsWork
) -> None:
    for each in notifications:
        work.audit.add(
            aggregate=AGGREGATE, aggregate_id=each.id, version=each.version, action=action, details=details
        )  # fmt: skip
