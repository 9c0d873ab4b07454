"""The figures of a run of cases: percentiles, stages, processor seconds, memory."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from benchmarks.cases_load import Plan, Trip
from benchmarks.cases_stages import MOMENTS, Moments

LIMIT_SECONDS: Final = 1.0
SHARE: Final = 0.999
PERCENTILES: Final = (0.5, 0.95, 0.99, 0.999)
LATE_SECONDS: Final = 0.05
"""A generator that begins cases later than this measures itself."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


@dataclass(frozen=True)
class Run:
    """One rate kept up for a while: the cases, the moments of their letters, what the processes used."""

    plan: Plan
    trips: Sequence[Trip]
    moments: Mapping[str, Moments]
    processor_seconds: Mapping[str, float]
    memory: Mapping[str, int]
    at_rest: Mapping[str, int]
    seconds: float

    @cached_property
    def click_to_letter(self) -> list[float]:
        """Seconds from the click to the letter in the spool."""
        return [one["spooled"] - one["clicked"] for one in self.moments.values() if "spooled" in one]

    @cached_property
    def filing_to_letter(self) -> list[float]:
        """Seconds from the scheduled filing to the letter in the spool, all people acting without a pause."""
        scheduled = {trip.id: trip.scheduled for trip in self.trips}
        return [one["spooled"] - scheduled[case] for case, one in self.moments.items() if "spooled" in one]

    @property
    def failures(self) -> list[str]:
        """Cases that did not come through; each is worse than any latency."""
        return [trip.failure for trip in self.trips if trip.failure]

    def under_a_second(self, latencies: Sequence[float]) -> float:
        """The share of all cases, failed ones included, whose letter came in time."""
        return sum(one < LIMIT_SECONDS for one in latencies) / len(self.trips)

    @property
    def holds(self) -> bool:
        """Whether 99.9 % of all clicks became a letter within a second, and no case failed."""
        return not self.failures and self.under_a_second(self.click_to_letter) >= SHARE

    @property
    def kind(self) -> str:
        """How the platform was driven."""
        return "signatures" if self.plan.signatures else "whole cases"

    @property
    def title(self) -> str:
        """Kind and rate."""
        return f"{self.kind} at {self.plan.rate:g}/s for {self.plan.seconds:g} s"

    @property
    def lag(self) -> float:
        """How late the generator began a case at most, seconds."""
        return max(trip.begun - trip.scheduled for trip in self.trips)

    @property
    def verdict(self) -> str:
        """One line: does it hold, what failed, did the generator keep up."""
        word = "holds" if self.holds else "does not hold"
        failed = f", {len(self.failures)} failed, first: {self.failures[0][:160]}" if self.failures else ""
        late = f", the generator was up to {self.lag:.2f} s late" if self.lag > LATE_SECONDS else ""
        return f"{word} 99.9 % under a second{failed}{late}"

    def stages(self) -> str:
        """The table of the stages from click to letter and on to the event, milliseconds."""
        lines = [f"  {'stage':<26}{'p50':>8}{'p95':>8}{'p99':>8}{'mean':>8}   share"]
        total = statistics.fmean(self.click_to_letter or [float("nan")])
        for name, seconds in self.by_stage().items():
            mean = statistics.fmean(seconds)
            figures = "".join(f"{percentile(seconds, share) * 1000:8.1f}" for share in PERCENTILES[:3])
            after = "" if name.startswith(("spooled ->", "dispatched ->")) else f"{mean / total:7.0%}"
            lines.append(f"  {name:<26}{figures}{mean * 1000:8.1f} {after}")
        return "\n".join(lines)

    def by_stage(self) -> dict[str, list[float]]:
        """Seconds of each stage between neighbouring moments, of all letters that have both."""
        found: dict[str, list[float]] = {}
        for begin, end in pairwise(MOMENTS):
            seconds = [one[end] - one[begin] for one in self.moments.values() if begin in one and end in one]
            if seconds:
                found[f"{begin} -> {end}"] = seconds
        return found

    def figures(self) -> dict[str, Any]:
        """All figures for a file."""
        latencies = {"click_to_letter": self.click_to_letter, "filing_to_letter": self.filing_to_letter}
        return {
            "kind": self.kind,
            "rate": self.plan.rate,
            "cases": len(self.trips),
            "failures": len(self.failures),
            "seconds": self.seconds,
            "holds": self.holds,
            **{
                name: {"under_a_second": self.under_a_second(values), "max": max(values, default=None)}
                | {f"p{share * 100:g}": percentile(values, share) for share in PERCENTILES}
                for name, values in latencies.items()
            },
            "stages_p50": {name: percentile(values, 0.5) for name, values in self.by_stage().items()},
            "stages_mean": {name: statistics.fmean(values) for name, values in self.by_stage().items()},
            "processor_seconds_per_case": {
                name: used / len(self.trips) for name, used in self.processor_seconds.items()
            },
            "memory": dict(self.memory),
            "memory_at_rest": dict(self.at_rest),
        }


def table_of(runs: Sequence[Run]) -> str:
    """A line per run, then processor time per case and memory of each process."""
    head = f"{'run':<24}{'cases':>7}  {'':<17}{'p50':>8}{'p95':>8}{'p99':>8}{'p99.9':>8}{'max':>8}  < 1 s"
    lines = [head]
    for run in runs:
        for name, values in (("click -> letter", run.click_to_letter), ("filing -> letter", run.filing_to_letter)):
            if name.startswith("filing") and run.plan.signatures:
                continue
            figures = "".join(f"{percentile(values, share) * 1000:8.0f}" for share in PERCENTILES)
            worst = max(values, default=float("nan")) * 1000
            share = run.under_a_second(values)
            lines.append(
                f"{run.kind} {run.plan.rate:>6g}/s    {len(run.trips):>7}  {name:<17}{figures}{worst:8.0f}  {share:.2%}"
            )
    return "\n".join([*lines, "(milliseconds)", "", *_processes(runs)])


def _processes(runs: Sequence[Run]) -> list[str]:
    lines = ["processor milliseconds per case, share of one core while the load ran, memory at rest and after it"]
    for run in runs:
        lines.append(f"{run.kind} {run.plan.rate:g}/s")
        total = sum(used for name, used in run.processor_seconds.items() if name != "load generator")
        for name, used in sorted(run.processor_seconds.items(), key=lambda one: -one[1]):
            sizes = (run.at_rest.get(name), run.memory.get(name))
            memory = "".join(f"{size / 2**20:8.0f} MB" for size in sizes if size)
            lines.append(f"  {name:<16}{used / len(run.trips) * 1000:8.1f} ms{used / run.seconds:8.0%}{memory}")
        lines.append(f"  {'the platform':<16}{total / len(run.trips) * 1000:8.1f} ms{total / run.seconds:8.0%}")
    return lines
