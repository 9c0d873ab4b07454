"""``kfi-notifications keys``: the key pairs orders are sealed with: made, looked at, taken out."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Final

from kfi_chassis.declaration import Command
from kfi_chassis.privacy.command_line import in_service
from kfi_chassis.settings import ConfigurationError, load_settings
from kfi_notifications.sealed_orders import sealed_orders
from kfi_notifications.sealing_keys import add_key_pair, drop_key, kids_in
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.work import NotificationsWork


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a new key pair; older private keys in the file stay")
    new.add_argument("private_file", type=Path, help="JWK set that opens orders; readable by its owner only")
    new.add_argument("public_file", type=Path, help="public JWK for the services that order")
    new.set_defaults(keys=_new)
    actions.add_parser("status", help="how many orders here still need which key").set_defaults(keys=_status)
    drop = actions.add_parser("drop", help="take out an old key that no order here needs any more")
    drop.add_argument("kid")
    drop.set_defaults(keys=_drop)


def _new(options: Namespace) -> int:
    return _said(add_key_pair(options.private_file, options.public_file))


def _status(_: Namespace) -> int:
    settings = load_settings(NotificationsSettings)
    needed, kids = _needed(settings), kids_in(_file_of(settings))
    lines = [f"{kid}: {needed.pop(kid, 0)} orders{' (newest)' if kid == kids[-1] else ''}" for kid in kids]
    lines += [f"{kid}: {count} orders, and the key is not here" for kid, count in sorted(needed.items())]
    return _said("\n".join(lines))


def _drop(options: Namespace) -> int:
    settings = load_settings(NotificationsSettings)
    left = _needed(settings).get(options.kid, 0)
    if left:
        sys.stderr.write(f"{left} orders are sealed with {options.kid}: wait until they have left, or expired.\n")
        return 1
    drop_key(_file_of(settings), options.kid)
    return _said(f"{options.kid} is taken out; restart the workers, and destroy every copy of the file before.")


def _needed(settings: NotificationsSettings) -> dict[str, int]:
    async def look(run: Any) -> dict[str, int]:
        return dict(await run(sealed_orders))

    return in_service(settings, NotificationsWork, look)


def _file_of(settings: NotificationsSettings) -> Path:
    if settings.opener_keys_file is None:
        raise ConfigurationError("Set KFI_OPENER_KEYS_FILE: the command works on this file.")
    return settings.opener_keys_file


def _said(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 0


KEYS: Final = Command(
    "the key pairs orders are sealed with: new, status, drop", _add_arguments, lambda o: int(o.keys(o))
)
"""The command as the service's program offers it."""
