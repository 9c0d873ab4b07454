"""How a program goes away: killed as a crash would, or standing still as on a stalled disk."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from kfi_stack.supervisor import Running, Supervisor


def killed_and_started(supervisor: Supervisor, running: Running) -> Running:
    """The same program, after a SIGKILL and a new start."""
    running.kill()
    supervisor.forget(running)
    return supervisor.start(running.program)


@contextlib.asynccontextmanager
async def frozen(running: Running) -> AsyncIterator[None]:
    """The program and all its children stand still (SIGSTOP) within the block."""
    family = family_of(running)
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def family_of(running: Running) -> list[int]:
    """The program and its children; PostgreSQL has one for each connection, each in a session of its own."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return [running.pid, *map(int, children)]
