"""The solver in a process of its own: the offline command on files, watched by the lines it tells.

It gets no setting and no secret of the service. Whoever waits for it ends it; when that process is killed itself, the
solver ends with its next line, because nobody reads it any more. Each run has a process of its own; `ReadySolver` has
the next one loaded before it is asked for, because loading takes longer than a first plan.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from kfi_allocation.domain.plan import FORMAT as PLAN_FORMAT
from kfi_allocation.exit_codes import INFEASIBLE
from kfi_allocation.files import write_document
from kfi_allocation.waiting_solver import LOAD

BEAT_SECONDS: Final = 0.5
"""How often whoever waits is told what happened since."""
_LOOK_SECONDS: Final = 0.03
"""How often is looked whether the preview is there, of which is told at once."""
_OWN_SETTINGS: Final = "KFI_"
_MOST_SAID: Final = 20


@dataclass(frozen=True, slots=True)
class SolverJob:
    """What to solve; `earlier` is the plan to repair, None for a new one. `seconds` is the safety stop."""

    instance: Mapping[str, Any]
    orders: Mapping[str, Any]
    earlier: Mapping[str, str] | None
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """The best plan and the bound after a stage."""

    stage: str
    objective: Decimal
    bound: Decimal


Told = Callable[[Sequence[ProgressLine], bytes | None], Awaitable[bool]]
"""Gets the lines since the last beat and, once, the preview; false ends the solver."""


class SolverStopped(Exception):
    """The solver was ended because nobody wants its plan any more."""


class SolverDied(Exception):
    """The solver ended without a plan; `killed` by a signal, else by an error of its own, of which `said` tells."""

    def __init__(self, code: int, said: Sequence[str]) -> None:
        super().__init__(f"the solver ended with {code}")
        self.killed = code < 0
        self.code = code
        self.said = tuple(said)


Process = asyncio.subprocess.Process
Take = Callable[[], Awaitable[Process]]
"""Gives a solver that waits for its command."""


async def started(*words: str) -> Process:
    """A solver that waits for its command."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kfi_allocation.waiting_solver", *words, env=_environment(), start_new_session=True,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


class ReadySolver:
    """The next solver of this process, loaded and waiting. It is used once; without one there, one is started."""

    def __init__(self) -> None:
        self._waiting: Process | None = None

    async def keep(self) -> None:
        """Have one that waits; it loads by itself."""
        if self._waiting is None or self._waiting.returncode is not None:
            self._waiting = await started(LOAD)

    async def take(self) -> Process:
        """The one that waits, or a new one."""
        waiting, self._waiting = self._waiting, None
        return waiting if waiting is not None and waiting.returncode is None else await started()


async def solve(job: SolverJob, told: Told, take: Take = started) -> bytes:
    """The plan file of the job, also that of an infeasible one. Raises SolverStopped, SolverDied."""
    with TemporaryDirectory(prefix="kfi-run-") as name:
        folder = Path(name)
        arguments = await asyncio.to_thread(_prepared, job, folder)
        process = await take()
        try:
            await _command(process, arguments)
            said = await _watched(process, folder / "preview.json", told)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            code = await process.wait()
        if code not in (0, INFEASIBLE):
            raise SolverDied(code, said)
        return await asyncio.to_thread((folder / "plan.json").read_bytes)


async def _command(process: Process, arguments: Sequence[str]) -> None:
    if process.stdin is None:
        raise AssertionError("the solver was started with a pipe")
    with suppress(ConnectionError):  # it died a moment ago: its exit code tells
        process.stdin.write(f"{json.dumps(arguments)}\n".encode())
        await process.stdin.drain()
    process.stdin.close()


def _prepared(job: SolverJob, folder: Path) -> list[str]:
    write_document(folder / "instance.json", dict(job.instance))
    write_document(folder / "orders.json", dict(job.orders))
    options = ["--orders", str(folder / "orders.json"), "--out", str(folder / "plan.json"), "--progress"]
    options += ["--seed", str(job.seed), "--seconds", str(job.seconds)]
    if job.earlier is None:
        return ["solve", str(folder / "instance.json"), "--preview", str(folder / "preview.json"), *options]
    write_document(folder / "earlier.json", {"format": PLAN_FORMAT, "assignments": dict(job.earlier)})
    return ["repair", str(folder / "instance.json"), str(folder / "earlier.json"), *options]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}


async def _watched(process: Process, preview: Path, told: Told) -> list[str]:
    """Tell every beat, and of the preview at once, until the solver closes its side; what it said besides."""
    lines: list[ProgressLine] = []
    said: list[str] = []
    reading = asyncio.create_task(_read(process, lines, said))
    shown = False
    try:
        while True:
            ended, first = await _beat(reading, None if shown else preview)
            shown = shown or first is not None
            fresh, lines[:] = lines[:], []
            if not await told(fresh, first):
                raise SolverStopped
            if ended:
                await process.wait()
                return said
    finally:
        reading.cancel()


async def _beat(reading: "asyncio.Task[None]", preview: Path | None) -> tuple[bool, bytes | None]:
    """Wait until the preview is there, the solver closes its side, or the beat is over: whether it did, the preview."""
    until = time.monotonic() + BEAT_SECONDS
    while True:
        pause = BEAT_SECONDS if preview is None else _LOOK_SECONDS
        ended, _ = await asyncio.wait({reading}, timeout=pause)
        found = None if preview is None else await asyncio.to_thread(_content, preview)
        if ended or found is not None or time.monotonic() >= until:
            return bool(ended), found


async def _read(process: Process, lines: list[ProgressLine], said: list[str]) -> None:
    if process.stderr is None:
        raise AssertionError("the solver was started with a pipe")
    async for raw in process.stderr:
        text = raw.decode(errors="replace").strip()
        if (line := _progress(text)) is not None:
            lines.append(line)
        elif len(said) < _MOST_SAID:
            said.append(text)


def _progress(text: str) -> ProgressLine | None:
    try:
        told = json.loads(text, parse_float=Decimal)
        return ProgressLine(str(told["stage"]), Decimal(told["objective"]), Decimal(told["bound"]))
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
