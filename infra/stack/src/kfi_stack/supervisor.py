"""Starts programs as children that end with the launcher, waits until they serve, stops them in reverse order."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from kfi_stack.errors import StackError
from kfi_stack.ports import require_free
from kfi_stack.program import Program

KEEPER = Path(__file__).with_name("keeper.py")
LOOK_EVERY = 0.02
LAST_LINES = 3


class ProgramEnded(StackError):
    """A program ended though nobody asked it to."""


@dataclass
class Running:
    """A started program: `pid` is the program's own, its keeper is the process this launcher waits for."""

    program: Program
    pid: int
    keeper: subprocess.Popen[bytes]

    @property
    def alive(self) -> bool:
        """True until the program and everything it started are gone."""
        return self.keeper.poll() is None

    def kill(self) -> None:
        """Kills the program as a crash would (SIGKILL) and returns once nothing of it is left."""
        if self.alive:
            with suppress(ProcessLookupError):  # it ended in this moment, and its keeper is about to
                os.kill(self.pid, signal.SIGKILL)
        self.keeper.wait()

    def stop(self) -> None:
        """Asks the program to stop and returns once it and all it started are gone; kills it after `stop_within`."""
        self.ask_to_stop()
        self.keeper.wait()

    def ask_to_stop(self) -> None:
        """Asks the program to stop and returns at once."""
        if self.alive:
            self.keeper.terminate()

    def told(self) -> str:
        """The end of the program's log, as one line."""
        text = self.program.log_file.read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " | ".join(lines[-LAST_LINES:]) or "nothing"

    def ended(self) -> ProgramEnded:
        """The error that says how the program ended and what it said last."""
        return ProgramEnded(
            f"{self.program.name} ended with exit code {self.keeper.returncode} and said last: {self.told()}; "
            f"the whole log is {self.program.log_file}: put right what it names and start again."
        )


class Supervisor:
    """Owns the programs of one launcher; usable from several threads, so that programs can start side by side."""

    def __init__(self) -> None:
        self._running: list[Running] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, program: Program) -> Running:
        """Starts the program and returns once it is ready.

        Raises ProgramEnded with its last words if it ends before, StackError if a port of it is in use or it is not
        ready in time.
        """
        for port in program.ports:
            require_free(port, program.name)
        running = launch(program)
        with self._lock:
            self._running.append(running)
        deadline = time.monotonic() + program.ready_within
        while not program.ready():
            if not running.alive:
                raise running.ended()
            if time.monotonic() > deadline:
                running.stop()
                raise StackError(
                    f"{program.name} was not ready within {program.ready_within:.0f} s and said last: "
                    f"{running.told()}; look into {program.log_file}, or give the machine more time and memory."
                )
            time.sleep(LOOK_EVERY)
        return running

    def running(self, name: str) -> Running:
        """The program of that name that was started last. Raises KeyError."""
        with self._lock:
            return {one.program.name: one for one in self._running}[name]

    def check(self) -> None:
        """Raises ProgramEnded if one of the programs is gone without having been asked to."""
        with self._lock:
            running = list(self._running)
        for one in running:
            if not one.alive:
                raise one.ended()

    def forget(self, running: Running) -> None:
        """Drops a program that was stopped or killed on purpose, so that `check` does not report it."""
        with self._lock:
            self._running.remove(running)

    def stop(self) -> None:
        """Stops all programs, the last started first; when it returns nothing of them is left."""
        with self._lock:
            running, self._running = self._running, []
        for one in reversed(running):
            one.stop()


def launch(program: Program) -> Running:
    """Starts the program under a keeper and returns at once, ready or not."""
    program.log_file.parent.mkdir(parents=True, exist_ok=True)
    read_end, write_end = os.pipe()
    options = [str(os.getpid()), str(int(program.stop_signal)), str(program.stop_within), str(write_end), "--"]
    with program.log_file.open("ab") as log, os.fdopen(read_end, "rb") as told:
        try:
            keeper = subprocess.Popen(  # noqa: S603 - own programs, no shell
                [sys.executable, "-I", "-S", str(KEEPER), *options, *program.argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(program), cwd=program.cwd,
                start_new_session=True, pass_fds=(write_end,),
            )  # fmt: skip
        finally:
            os.close(write_end)
        pid = int(told.read() or 0)
    running = Running(program, pid, keeper)
    if not pid:
        keeper.wait()
        raise running.ended()
    return running


def environment(program: Program) -> dict[str, str]:
    """The caller's environment without its KFI_ settings, and the program's own on top."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KFI_")}
    return {**inherited, **program.env}
