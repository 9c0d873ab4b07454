"""The HTTP side: notifications, their documents, the work that waits, the inboxes of organisations, previews."""

from collections.abc import Sequence

from fastapi import APIRouter

from kfi_notifications.api import consents, deliveries, documents, inbox, notifications, previews


def build_routers() -> Sequence[APIRouter]:
    """The routes below /notifications/v1."""
    return [notifications.router, documents.router, deliveries.router, inbox.router, consents.router, previews.router]
