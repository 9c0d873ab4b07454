"""The HTTP side: notifications, their documents, the work that waits, the inboxes of organisations, previews."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_notifications.api import (
    consents,
    deliveries,
    documents,
    exports,
    holds,
    inbox,
    notifications,
    previews,
    print_batches,
    recalls,
)


def build_routers() -> Sequence[APIRouter]:
    """The routes below /notifications/v1."""
    rooms = (notifications, documents, exports, deliveries, inbox, consents, previews, holds, recalls, print_batches)
    return [room.router for room in rooms]
