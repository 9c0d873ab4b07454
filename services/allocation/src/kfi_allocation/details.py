"""What operators see of this service at `/health/details` beside what every service tells: names of keys."""

from collections.abc import Mapping
from typing import Any

from kfi_allocation.settings import AllocationSettings, sealer_of
from kfi_allocation.work import AllocationWork
from kfi_chassis.work import Transactions


async def sealing_keys(_: Transactions[AllocationWork], settings: AllocationSettings) -> Mapping[str, Any]:
    """The key with which letters are sealed for the notifications service."""
    return {"seals_with": sealer_of(settings.sealing_key_file).kid}


DETAILS = {"sealing_keys": sealing_keys}
