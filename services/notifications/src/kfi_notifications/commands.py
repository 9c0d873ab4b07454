"""What `kfi-notifications` can do beside the commands of every service."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Final

from kfi_chassis.declaration import Command
from kfi_chassis.settings import Profile
from kfi_notifications.configuration import SUMMARIES, read_summaries


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
