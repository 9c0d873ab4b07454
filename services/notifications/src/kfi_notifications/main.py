"""The program of the service: settings and roles put together."""

import argparse
import sys
from pathlib import Path
from typing import Final

from kfi_chassis.problems import NotFound
from kfi_chassis.service import Service, command_line
from kfi_chassis.settings import ConfigurationError
from kfi_notifications.api import build_routers
from kfi_notifications.consumers import consumer
from kfi_notifications.repository import NotificationUnknown
from kfi_notifications.sealing_keys import add_key_pair
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
    domain_problems={NotificationUnknown: NotFound.kind},
)


def cli() -> None:
    """The program `kfi-notifications`: the commands of every service, and `keys new`."""
    if sys.argv[1:2] == ["keys"]:
        raise SystemExit(keys(sys.argv[2:]))
    command_line(SERVICE)


def keys(arguments: list[str]) -> int:
    """`keys new PRIVATE_FILE PUBLIC_FILE`: make a key pair for orders and say its kid; 0 done, 2 files not usable."""
    parser = argparse.ArgumentParser(prog="kfi-notifications keys")
    new = parser.add_subparsers(required=True, metavar="COMMAND").add_parser("new", help="make a new sealing key pair")
    new.add_argument("private_file", type=Path, help="JWK set that opens orders; readable by its owner only")
    new.add_argument("public_file", type=Path, help="public JWK for the services that order")
    options = parser.parse_args(arguments)
    try:
        kid = add_key_pair(options.private_file, options.public_file)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{kid}\n")
    return 0
