"""The allocation service: its declaration, and what its program ``kfi-allocation`` does beside the offline commands."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from kfi_allocation import privacy_command
from kfi_allocation.api import build_routers
from kfi_allocation.api.problems import DOMAIN_PROBLEMS
from kfi_allocation.command import OFFLINE, run_offline
from kfi_allocation.consumers import consumer
from kfi_allocation.details import DETAILS
from kfi_allocation.doorkeeper_command import DOORKEEPER, DOORKEEPER_KEY
from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.reasons import REASONS
from kfi_allocation.recovery import recovery
from kfi_allocation.settings import AllocationSettings
from kfi_allocation.work import AllocationWork
from kfi_allocation.worker import worker
from kfi_chassis import archive_check
from kfi_chassis.commands import execute
from kfi_chassis.declaration import Command
from kfi_chassis.service import Service

SERVICE: Final = Service(
    name="allocation",
    package="kfi_allocation",
    settings_class=AllocationSettings,
    work_class=AllocationWork,
    build_routers=build_routers,
    consumer=consumer,
    worker=worker,
    metrics_class=AllocationMetrics,
    domain_problems=DOMAIN_PROBLEMS,
    commands={
        **{name: Command(one.help, one.add_arguments, partial(run_offline, name)) for name, one in OFFLINE.items()},
        "privacy": privacy_command.COMMAND,
        "doorkeeper": DOORKEEPER,
        "doorkeeper-key": DOORKEEPER_KEY,
        "export": archive_check.COMMAND,
    },
    recovery=recovery,
    reasons=REASONS,
    details=DETAILS,
)


def run(arguments: Sequence[str]) -> int:
    """Run a command of the service; the exit code."""
    return execute(SERVICE, arguments)
