"""Rounds of contestants, each in a process of its own, alternating; and their table of medians, spreads and ratios."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent.parent / ".benchmarks"
"""Figures belong to the machine that made them: this folder is not committed."""
_SECONDS: Final = 180.0


@dataclass(frozen=True)
class Figures:
    """What a contestant's rounds gave: medians, with the lowest and the highest rate."""

    rate: float
    lowest: float
    highest: float
    cpu_us: float
    peak_mib: float
    rounds: int

    @classmethod
    def of(cls, rounds: Sequence[Mapping[str, float]]) -> "Figures":
        """The medians of the rounds' figures."""
        rates = [each["rate"] for each in rounds]
        return cls(
            rate=statistics.median(rates),
            lowest=min(rates),
            highest=max(rates),
            cpu_us=statistics.median(each["cpu_us"] for each in rounds),
            peak_mib=statistics.median(each["peak_mib"] for each in rounds),
            rounds=len(rounds),
        )


class NotInstalledError(RuntimeError):
    """A peer's library is not here; its row says so."""


def in_own_process(where: str, course: Mapping[str, Any]) -> dict[str, float]:
    """Run the contestant `module:function` once and return its figures. Raises NotInstalledError, RuntimeError."""
    command = [sys.executable, "-m", "benchmarks.contestant", where]
    ended = subprocess.run(  # noqa: S603 - our own module
        command, input=json.dumps(course), capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if ended.returncode == os.EX_UNAVAILABLE:
        raise NotInstalledError(ended.stderr.strip())
    if ended.returncode:
        raise RuntimeError(f"{where} failed:\n{ended.stderr[-3000:]}")
    figures: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def keep(name: str, figures: Mapping[str, Figures | None], ratios: Mapping[str, float]) -> Path:
    """Write `.benchmarks/<name>.json`: when, on how many processors, the figures and the ratios."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    content = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "figures": {key: None if each is None else asdict(each) for key, each in figures.items()},
        "ratios": dict(ratios),
    }
    file.write_text(json.dumps(content, indent=2) + "\n")
    return file
