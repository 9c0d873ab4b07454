"""Filing to letter on the whole running platform, open loop: `python -m benchmarks.cases --rates 10 20 50`

Each decided case is eight requests through the gateway: file, two checks, proposal, reservation, second check, the
letter read, the signature. Then its letter is in the print spool and its e-mail is sent. Two ways to drive it:
`whole cases` does all eight at the rate; `signatures` brings the cases to the second check first and then only signs,
each at its scheduled moment, which shows what the way from click to letter carries by itself.

`--find` looks for the highest rate that keeps 99.9 % of the letters under a second, by bisection.
Servers are embedded with fsync on; the generator is a process of its own and shares the processors with the platform.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.capacity_platform import programs, rows, running_platform
from benchmarks.capacity_processes import uses
from benchmarks.cases_figures import LIMIT_SECONDS, SHARE, Run, table_of
from benchmarks.cases_generating import Generating
from benchmarks.cases_load import Plan
from benchmarks.cases_stages import moments_of, spooled
from kfi_stack.running_platform import Platform

RESULTS: Final = Path(".benchmarks")
WARM_UP: Final = 20
NOTHING: Final[Mapping[str, int]] = {}
DRAIN_SECONDS: Final = 120.0
_LETTERS_LEFT: Final = """
    SELECT count(*) FROM delivery WHERE obstacle IS NULL AND (not_before IS NULL OR not_before <= $1)
"""
_UNPUBLISHED: Final = """
    SELECT count(*) FROM outbox_due JOIN outbox USING (position) WHERE parked_reason IS NULL
"""


def measured(
    platform: Platform, rate: float, seconds: float, *, signatures: bool, at_rest: Mapping[str, int] = NOTHING
) -> Run:
    """One run: the load, the wait until all letters are out, what each process used meanwhile."""
    plan = Plan(platform.gateway_url, platform.services["applications"].issuer, rate, seconds, signatures)
    with Generating(plan) as load:
        load.until_ready()
        before, begun = uses(programs(platform)), time.time()
        trips = load.trips()
    ended = time.time()
    asyncio.run(drained(platform))
    after = uses(programs(platform))
    clicked = {trip.id: trip.clicked for trip in trips if not trip.failure}
    moments = asyncio.run(moments_of(platform, clicked))
    busy = {name: after[name].seconds - before[name].seconds for name in after} | {
        "load generator": load.processor_seconds()
    }
    return Run(plan, trips, moments, busy, {name: one.memory for name, one in after.items()}, at_rest, ended - begun)


async def drained(platform: Platform) -> None:
    """Wait until no letter, e-mail or event is left; what waits for a person or a day is none of them."""
    deadline = time.monotonic() + DRAIN_SECONDS
    calm = 0
    while calm < 3:
        left = await _left(platform)
        calm = 0 if any(left.values()) else calm + 1
        if time.monotonic() > deadline:
            raise TimeoutError(f"{DRAIN_SECONDS:.0f} s after the last request there still wait {left}")
        await asyncio.sleep(0.2)


async def _left(platform: Platform) -> Mapping[str, int]:
    letters = await rows(platform, "notifications", _LETTERS_LEFT, platform.calendar.today())
    left = {"letters and e-mails": letters[0][0]}
    for name in platform.services:
        left[f"events of {name}"] = (await rows(platform, name, _UNPUBLISHED))[0][0]
    return left


def found_rate(measure: Callable[[float], Run], *, most: float) -> Iterator[Run]:
    """Runs that close in on the highest rate that holds: bisection down to 1 a second."""
    holds, fails = 1.0, most + 1
    rate = most
    while fails - holds > 1:
        run = measure(rate)
        yield run
        holds, fails = (rate, fails) if run.holds else (holds, rate)
        rate = float(round((holds + fails) / 2))


def compare(platform: Platform, options: argparse.Namespace) -> list[Run]:
    """All runs that were asked for, each printed when it ends."""
    at_rest = {name: use.memory for name, use in uses(programs(platform)).items()}
    measured(platform, 4, WARM_UP / 4, signatures=False)
    runs: list[Run] = []
    for signatures in (False, True):
        measure = partial(measured, platform, seconds=options.seconds, signatures=signatures, at_rest=at_rest)
        for run in found_rate(measure, most=max(options.rates)) if options.find else map(measure, options.rates):
            print(f"\n{run.title}: {run.verdict}")
            print(run.stages())
            runs.append(run)
    return runs


def keep(runs: Sequence[Run], name: str) -> Path:
    """Write the figures of the runs to `.benchmarks/`."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / name
    figures: list[dict[str, Any]] = [run.figures() for run in runs]
    file.write_text(json.dumps(figures, indent=2) + "\n")
    return file


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.cases", description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=[10.0, 20.0, 50.0], help="cases a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each rate is kept up")
    parser.add_argument("--find", action="store_true", help="find the highest rate that holds, up to the highest given")
    options = parser.parse_args()
    with running_platform() as platform:
        runs = compare(platform, options)
        letters = len(spooled(platform))
    print(f"\n{table_of(runs)}\n{letters} letters in the spool; {SHARE:.1%} under {LIMIT_SECONDS:.0f} s is asked for.")
    print(f"Figures: {keep(runs, 'cases.json')}")


if __name__ == "__main__":
    main()
