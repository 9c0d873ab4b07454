"""Whether an exported archive is whole and unchanged, without any service: its entries, and the audit chains in it.

What it cannot show by itself is that the manifest is the one that was made; its SHA-256 stands in the audit of the
service, with the export it belongs to.
"""

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from kfi_chassis.archive import FORMAT, MANIFEST
from kfi_chassis.audit import hash_of
from kfi_chassis.canonical import NotCanonical
from kfi_chassis.declaration import Command

HISTORY: Final = "historie.jsonl"
CHANGED: Final = 1
NOT_READABLE: Final = 2
_PART_BYTES: Final = 65_536
_MANIFEST_BYTES: Final = 64 * 1_048_576
_BEFORE_THE_FIRST: Final = "0" * 64


class NotAnArchive(Exception):
    """The file is none of our archives, or cannot be read."""


@dataclass(frozen=True)
class Checked:
    """What was found: how much there is, the manifest's own SHA-256, and each finding as a sentence."""

    entries: int
    records: int
    chains: int
    manifest_sha256: str
    about: dict[str, Any]
    findings: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check(path: Path) -> Checked:
    """Look at every byte of an archive. Raises NotAnArchive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(archive)
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, RuntimeError, EOFError) as error:
        raise NotAnArchive(f"{path} is no whole archive of an export") from error


def _checked(archive: zipfile.ZipFile) -> Checked:
    with archive.open(MANIFEST) as opened:
        written = opened.read(_MANIFEST_BYTES)
    manifest = json.loads(written)
    if manifest["format"] != FORMAT:
        raise NotAnArchive("the archive is of another format")
    listed = {entry["name"]: (entry["size"], entry["sha256"]) for entry in manifest.pop("entries")}
    wrong = dict(_wrong_entries(archive, listed))
    history = _History.of(archive) if HISTORY in listed and HISTORY not in wrong else _History()
    findings = (*(f"{name}: {finding}" for name, finding in wrong.items()), *history.findings)
    digest = hashlib.sha256(written).hexdigest()
    return Checked(len(listed), history.records, len(history.ends), digest, manifest, findings)


def _wrong_entries(archive: zipfile.ZipFile, listed: dict[str, tuple[int, str]]) -> Iterator[tuple[str, str]]:
    present = [name for name in archive.namelist() if name != MANIFEST]
    for name in sorted(set(present) | set(listed)):
        if name not in present:
            yield name, "is missing"
        elif name not in listed:
            yield name, "is not in the manifest"
        elif present.count(name) > 1:
            yield name, "is in the archive twice"
        elif _measured(archive, name) != listed[name]:
            yield name, "is not what it was when it was exported"


def _measured(archive: zipfile.ZipFile, name: str) -> tuple[int, str] | None:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as entry:
            while part := entry.read(_PART_BYTES):
                digest.update(part)
                size += len(part)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return None
    return size, digest.hexdigest()


class _History:
    """The audit rows of an archive: every chain from its first row on, without a gap, each hash the right one."""

    def __init__(self) -> None:
        self.records = 0
        self.ends: dict[tuple[str, str], tuple[int, str]] = {}
        self.findings: list[str] = []

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> Self:
        history = cls()
        with archive.open(HISTORY) as lines:
            for line in lines:
                history._take(json.loads(line))
        return history

    def _take(self, record: dict[str, Any]) -> None:
        chain = (record["aggregate"], record["aggregate_id"])
        number, previous = self.ends.get(chain, (0, _BEFORE_THE_FIRST))
        self.records += 1
        self.ends[chain] = (number + 1, record["hash"])
        if (record["number"], record["previous_hash"]) != (number + 1, previous) or not _has_its_hash(record):
            self.findings.append(f"{HISTORY}: row {number + 1} of {' '.join(chain)} is not the one that was recorded")


def _has_its_hash(record: dict[str, Any]) -> bool:
    try:
        return bool(hash_of(record) == record["hash"])
    except NotCanonical:
        return False


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="whether an archive is whole and unchanged; needs no service")
    verify.add_argument("file", type=Path, help="the archive")
    verify.add_argument("--json", action="store_true", help="print JSON instead of text")


def _run(options: argparse.Namespace) -> int:
    try:
        found = check(options.file)
    except NotAnArchive as error:
        sys.stderr.write(f"{error}: name a ZIP file that an export gave.\n")
        return NOT_READABLE
    shown = vars(found) | {"findings": list(found.findings)}
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n" if options.json else _as_text(found))
    return 0 if found.whole else CHANGED


def _as_text(found: Checked) -> str:
    if not found.whole:
        return "CHANGED\n" + "".join(f"    {finding}\n" for finding in found.findings)
    return (
        f"whole: {found.entries} entries, {found.records} records in {found.chains} chain(s)\n"
        f"manifest {found.manifest_sha256}: compare it with the audit of the export it came from\n"
    )


COMMAND: Final = Command("check an exported archive", _add_arguments, _run)
"""The command as a service's program offers it."""
