"""A program the stack runs: what to start, how to tell it is ready, how to stop it."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Probe = Callable[[], bool]
"""True once the program serves; called again and again, so it must be quick and must not raise."""


@dataclass(frozen=True)
class Program:
    """One foreground program; starting and stopping it is the supervisor's part.

    `ports` are those it listens on: they must be free before the start, or another program's answer would pass for its
    own. `env` comes on top of the caller's environment without its `KFI_` variables, so no program sees another one's
    settings. `ready_within` and `stop_within` are seconds; after `stop_within` the program is killed.
    """

    name: str
    argv: tuple[str, ...]
    log_file: Path
    ready: Probe
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within: float = 30.0
    stop_within: float = 10.0
