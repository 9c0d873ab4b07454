"""The applications service: its declaration, and its program ``kfi-applications``."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from kfi_applications import assess_command, budget_command, calls_command, privacy_command
from kfi_applications.api import (
    applications,
    assignments,
    attachments,
    bank_accounts,
    before_decision,
    budget_titles,
    calls,
    caseworkers,
    checks,
    corrections,
    decisions,
    exports,
    history,
    information,
    mandates,
    notes,
    remedies,
    search,
    work_list,
)  # fmt: skip
from kfi_applications.api.problems import DOMAIN_PROBLEMS
from kfi_applications.consumers import consumer
from kfi_applications.details import DETAILS
from kfi_applications.reasons import REASONS
from kfi_applications.recovery import recovery
from kfi_applications.settings import ApplicationsSettings
from kfi_applications.worker import worker
from kfi_applications.works import ApplicationsWork
from kfi_chassis import archive_check
from kfi_chassis.service import Service, command_line


def build_routers() -> Sequence[APIRouter]:
    """The routes below /applications/v1."""
    rooms = (
        calls, budget_titles, applications, search, work_list, assignments, caseworkers, mandates, attachments,
        bank_accounts, exports, notes, history, checks, information, before_decision, decisions, corrections,
        remedies,
    )  # fmt: skip
    return [room.router for room in rooms]


SERVICE: Final = Service(
    name="applications",
    package="kfi_applications",
    settings_class=ApplicationsSettings,
    work_class=ApplicationsWork,
    build_routers=build_routers,
    consumer=consumer,
    worker=worker,
    domain_problems=DOMAIN_PROBLEMS,
    commands={
        "assess": assess_command.COMMAND,
        "budget": budget_command.COMMAND,
        "privacy": privacy_command.COMMAND,
        "calls": calls_command.COMMAND,
        "export": archive_check.COMMAND,
    },
    recovery=recovery,
    reasons=REASONS,
    details=DETAILS,
)


def cli() -> None:
    """The program: what every service can do, and the commands above; ends the process."""
    command_line(SERVICE)
