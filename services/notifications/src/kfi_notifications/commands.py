"""What `kfi-notifications` can do beside the commands of every service."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from kfi_chassis.declaration import Command
from kfi_notifications.sealing_keys import add_key_pair


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["new"], help="make a new key pair")
    parser.add_argument("private_file", type=Path, help="JWK set that opens orders; readable by its owner only")
    parser.add_argument("public_file", type=Path, help="public JWK for the services that order")


def _make_keys(options: Namespace) -> int:
    kid = add_key_pair(options.private_file, options.public_file)
    sys.stdout.write(f"{kid}\n")
    return 0


KEYS: Final = Command(
    "the key pairs orders are sealed with: keys new PRIVATE_FILE PUBLIC_FILE", _add_arguments, _make_keys
)
"""`keys new`: makes a pair and says its kid; older private keys in the file stay."""
