"""``kfi-notifications privacy``: the commands every service has for personal data."""

from typing import Final

from kfi_chassis.privacy.command_line import PORTION, PrivacyCommand
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.work import NotificationsWork


async def encrypt(work: NotificationsWork) -> int:
    """Encrypt one portion of the files that are stored in the open."""
    return await work.documents.encrypt(PORTION)


COMMAND: Final = PrivacyCommand(NotificationsSettings, NotificationsWork, encrypt).command()
"""The command as the service's program offers it; a person is erased by the event of the service whose case it is."""
