"""The notifications service: its declaration, and its program `kfi-notifications`."""

from typing import Final

from kfi_chassis import archive_check
from kfi_chassis.service import Service, command_line
from kfi_notifications import privacy_command
from kfi_notifications.api import build_routers
from kfi_notifications.api.problems import DOMAIN_PROBLEMS
from kfi_notifications.commands import SUMMARIES_LIST
from kfi_notifications.consumers import consumer
from kfi_notifications.details import DETAILS
from kfi_notifications.keys_command import KEYS
from kfi_notifications.metrics import NotificationsMetrics
from kfi_notifications.reasons import REASONS
from kfi_notifications.recovery import recovery
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.work import NotificationsWork
from kfi_notifications.worker import worker

SERVICE: Final = Service(
    name="notifications",
    package="kfi_notifications",
    settings_class=NotificationsSettings,
    work_class=NotificationsWork,
    build_routers=build_routers,
    consumer=consumer,
    worker=worker,
    metrics_class=NotificationsMetrics,
    domain_problems=DOMAIN_PROBLEMS,
    commands={
        "keys": KEYS,
        "summaries": SUMMARIES_LIST,
        "privacy": privacy_command.COMMAND,
        "export": archive_check.COMMAND,
    },
    recovery=recovery,
    reasons=REASONS,
    details=DETAILS,
)


def cli() -> None:
    """The program: what every service can do, and the commands above; ends the process."""
    command_line(SERVICE)
