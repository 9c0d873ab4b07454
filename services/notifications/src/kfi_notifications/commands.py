"""What `kfi-notifications` can do beside the commands of every service."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from kfi_chassis.declaration import Command
from kfi_chassis.settings import Profile
from kfi_notifications.configuration import SUMMARIES, read_summaries
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


def _add_folder(parser: ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, nargs="?", default=SUMMARIES, help="default: the sentences that come along"
    )


def _list_summaries(options: Namespace) -> int:
    for (language, version), found in read_summaries(options.folder, Profile.TEST).languages.items():
        for kind, part in found.kinds.items():
            reviewed = f"reviewed by {part.reviewed_by} on {part.reviewed_on}" if part.is_reviewed else "not reviewed"
            sys.stdout.write(f"{language} {version} {kind} {part.sha256} {reviewed}\n")
    return 0


SUMMARIES_LIST: Final = Command(
    "the sentences of summaries in other languages, with the digest a reviewer confirms", _add_folder, _list_summaries
)
"""`summaries`: a line for each language, version and kind of letter; who reviewed it, and the digest of its text."""
