"""What operators see of this service at `/health/details` beside what every service tells: names of keys."""

from collections.abc import Mapping
from typing import Any

from kfi_applications.settings import ApplicationsSettings, sealer_of
from kfi_applications.works import ApplicationsWork
from kfi_chassis.work import Transactions


async def sealing_keys(_: Transactions[ApplicationsWork], settings: ApplicationsSettings) -> Mapping[str, Any]:
    """The key with which letters are sealed for the notifications service."""
    return {"seals_with": sealer_of(settings.sealing_key_file).kid}


DETAILS = {"sealing_keys": sealing_keys}
