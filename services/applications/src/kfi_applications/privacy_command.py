"""``kfi-applications privacy``: the commands every service has for personal data, and the erasure of a person."""

import argparse
from functools import partial
from typing import Final
from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.retention import RetentionRuns
from kfi_applications.repository import UnknownApplication
from kfi_applications.settings import ApplicationsSettings
from kfi_applications.use_cases.erase_person import ErasureReason, erase_person
from kfi_applications.works import ApplicationsWork
from kfi_chassis.privacy.command_line import PORTION, Action, NotToBeDone, PrivacyCommand, Run, acting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``erase``."""
    parser.add_argument("application", type=UUID, help="the id of the case")
    parser.add_argument("--by", required=True, help="the account on whose word it is done, for the audit")
    parser.add_argument("--reason", required=True, type=ErasureReason, choices=list(ErasureReason))


async def erase(options: argparse.Namespace, run: Run) -> str:
    """Erase one person. Raises NotToBeDone while the retention runs, and for a case that is not there."""

    async def use(work: ApplicationsWork) -> Application:
        acting(work, options.by)
        return await erase_person(options.application, options.reason, work)

    try:
        application = await run(use)
    except RetentionRuns as refusal:
        raise NotToBeDone(f"{refusal.detail} {refusal.fix}") from None
    except UnknownApplication:
        raise NotToBeDone(f"There is no case {options.application}: give the id of one.") from None
    return f"The personal data of {application.file_number} is erased."


async def encrypt(work: ApplicationsWork) -> int:
    """Encrypt one portion of the cases that are stored in the open."""
    return await work.applications.encrypt(PORTION)


def no_arguments(_: argparse.ArgumentParser) -> None:
    """There are none."""


async def index_anew(_: argparse.Namespace, run: Run) -> str:
    """Make all search terms anew, portion by portion."""
    last: int | None = 0
    while last is not None:
        last = await run(partial(_portion, last))
    return "The search terms of all cases are made anew."


async def _portion(after: int, work: ApplicationsWork) -> int | None:
    return await work.applications.index_anew(after, PORTION)


COMMAND: Final = PrivacyCommand(
    ApplicationsSettings,
    ApplicationsWork,
    encrypt,
    {
        "erase": Action("erase the personal data of a case whose retention is over", add_arguments, erase),
        "index": Action("make the search terms of all cases anew", no_arguments, index_anew),
    },
).command()
"""The command as the service's program offers it."""
