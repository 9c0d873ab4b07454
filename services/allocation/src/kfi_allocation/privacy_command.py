"""``kfi-allocation privacy``: the commands every service has for personal data."""

from typing import Final

from kfi_allocation.settings import AllocationSettings
from kfi_allocation.work import AllocationWork
from kfi_chassis.privacy.command_line import PrivacyCommand


async def encrypt(_: AllocationWork) -> int:
    """Nothing was ever stored in the open here."""
    return 0


COMMAND: Final = PrivacyCommand(AllocationSettings, AllocationWork, encrypt).command()
"""The command as the service's program offers it."""
