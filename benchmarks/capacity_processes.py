"""What processes use: processor seconds, memory and open files of a program and all it started, from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Use:
    """Of one program with its children: processor seconds since its start, memory in bytes, open files, processes.

    Memory is the proportional set size (proc(5), smaps_rollup): shared pages count once, divided among who shares them;
    `own_memory` the anonymous part of it, without files and PostgreSQL's shared buffers, which fill up and then stay.
    """

    seconds: float
    memory: int
    own_memory: int
    files: int
    processes: int


def use_of(pid: int, children: Mapping[int, Iterable[int]] | None = None) -> Use:
    """What a program and all it started use now; ended children are in the processor seconds."""
    family = list(_family(pid, _children() if children is None else children))
    return Use(
        sum(map(_seconds, family)),
        sum(_memory(each, "Pss:") for each in family),
        sum(_memory(each, "Pss_Anon:") for each in family),
        sum(map(_files, family)),
        len(family),
    )


def uses(programs: Mapping[str, int]) -> dict[str, Use]:
    """The same for several programs by name."""
    children = _children()
    return {name: use_of(pid, children) for name, pid in programs.items()}


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                found[int(_stat(int(folder.name))[1])].append(int(folder.name))
    return found


def _family(pid: int, children: Mapping[int, Iterable[int]]) -> Iterable[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _family(child, children)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold anything: state, parent, ..."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _seconds(pid: int) -> float:
    with suppress(OSError):
        return sum(map(int, _stat(pid)[11:15])) / _TICKS  # own and ended children's, user and system
    return 0.0


def _memory(pid: int, kind: str) -> int:
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith(kind):
                return int(line.split()[1]) * 1024
    return 0


def _files(pid: int) -> int:
    with suppress(OSError):
        return sum(1 for _ in (PROC / str(pid) / "fd").iterdir())
    return 0
