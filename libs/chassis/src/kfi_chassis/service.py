"""A service is a declaration; the chassis runs it, one role or all of them in a process.

    SERVICE = Service(name="applications", package="kfi_applications", settings_class=ApplicationsSettings, ...)

    def cli() -> None:
        command_line(SERVICE)

Inside a transaction the work class finds the settings of its process as `self.settings`.
"""

from typing import Any

from kfi_chassis.commands import execute
from kfi_chassis.declaration import Role, Service
from kfi_chassis.process import run_process

__all__ = ["Role", "Service", "command_line", "run_process"]


def command_line(service: Service[Any, Any]) -> None:
    """The program of a service: `run [roles...]`, `migrate`, `openapi [--check]`, `version`; ends the process."""
    raise SystemExit(execute(service))
