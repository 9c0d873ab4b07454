"""The load generator as a child process, seen from the benchmark."""

import json
import subprocess
import sys
from dataclasses import asdict
from types import TracebackType
from typing import Self

from benchmarks.capacity_processes import use_of
from benchmarks.cases_load import READY, Plan, Trip


class Generating:
    """One run of the generator; what it used is counted from the moment it is ready to begin."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begun = self._used = 0.0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "benchmarks.cases_load", json.dumps(asdict(self._plan))],
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def until_ready(self) -> None:
        """Wait until the cases are where the load begins. Raises RuntimeError when the generator fails."""
        if self._line() != READY:
            raise RuntimeError("the load generator failed: see above")
        self._begun = use_of(self._process.pid).seconds

    def trips(self) -> list[Trip]:
        """Wait for the end of the load; what became of each case."""
        found = []
        while (line := self._line()) != READY:
            found.append(Trip(**json.loads(line)))
        self._used = use_of(self._process.pid).seconds - self._begun
        return found

    def processor_seconds(self) -> float:
        """What the load cost the generator itself."""
        return self._used

    def _line(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the load generator was not started")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator failed: see above")
        return line.strip()
