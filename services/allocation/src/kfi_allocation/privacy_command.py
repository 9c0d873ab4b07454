"""``kfi-allocation privacy``: the commands every service has for personal data, and the erasure of a household."""

import argparse
from typing import Final
from uuid import UUID

from kfi_allocation.domain.placement_retention import HouseholdIsKept
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.settings import AllocationSettings
from kfi_allocation.use_cases.erase_household import ErasureReason, erase_household
from kfi_allocation.work import AllocationWork
from kfi_chassis.privacy.command_line import Action, NotToBeDone, PrivacyCommand, Run, acting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``erase``."""
    parser.add_argument("household", type=UUID, help="the id of the household")
    parser.add_argument("--by", required=True, help="the account on whose word it is done, for the audit")
    parser.add_argument("--reason", required=True, type=ErasureReason, choices=list(ErasureReason))


async def erase(options: argparse.Namespace, run: Run) -> str:
    """Erase one household. Raises NotToBeDone while it has to be kept, and for one that is not there."""

    async def use(work: AllocationWork) -> None:
        acting(work, options.by)
        await erase_household(options.household, options.reason, work)

    try:
        await run(use)
    except HouseholdIsKept as refusal:
        raise NotToBeDone(f"{refusal.detail} {refusal.fix}") from None
    except UnknownPlacement:
        raise NotToBeDone(f"There is no household {options.household}: give the id of one.") from None
    return f"The personal data of household {options.household} is erased."


async def encrypt(_: AllocationWork) -> int:
    """Nothing was ever stored in the open here."""
    return 0


COMMAND: Final = PrivacyCommand(
    AllocationSettings,
    AllocationWork,
    encrypt,
    {"erase": Action("erase the personal data of a household whose retention is over", add_arguments, erase)},
).command()
"""The command as the service's program offers it."""
