"""The whole platform under half its load for long: nothing may grow that is not meant to. `python -m benchmarks.soak`

Memory of each process, open files, connections, rows of each table; the purge works on rows made past their time.
"""

import argparse
import asyncio
import time
from collections.abc import Mapping
from typing import Final

from benchmarks.capacity_platform import programs, running_platform
from benchmarks.cases import RESULTS, drained
from benchmarks.cases_generating import Generating
from benchmarks.cases_load import Plan, Trip
from benchmarks.soak_watch import MEGABYTE, Pace, Watch, growing, looked, made_older, past_their_time
from kfi_stack.running_platform import Platform

PURGE_SECONDS: Final = 60.0


def soaked(platform: Platform, pids: Mapping[str, int], pace: Pace) -> tuple[Watch, list[Trip]]:
    """Keep the load up and look; what came of it when all is drained and purged."""
    seconds, issuer = pace.warm_up + pace.seconds, platform.services["applications"].issuer
    plan = Plan(platform.gateway_url, issuer, pace.rate, seconds, signatures=False)
    watch = Watch()
    with Generating(plan) as load:
        load.until_ready()
        asyncio.run(_look(platform, pids, pace, watch))
        trips = load.trips()
    asyncio.run(_ended(platform, watch))
    return watch, trips


async def _look(platform: Platform, pids: Mapping[str, int], pace: Pace, watch: Watch) -> None:
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < pace.warm_up + pace.seconds:
        watch.aged += await made_older(platform, pace.kept)
        if passed > pace.warm_up:
            watch.note(passed, await looked(platform, pids))
        await asyncio.sleep(max(0.0, pace.look_every - (time.monotonic() - begun - passed)))


async def _ended(platform: Platform, watch: Watch) -> None:
    """All letters out, all that is past its time gone."""
    await drained(platform)
    watch.aged += await made_older(platform, 0)
    deadline = time.monotonic() + PURGE_SECONDS
    while left := await past_their_time(platform):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} rows past their time are still there after {PURGE_SECONDS:.0f} s")
        await asyncio.sleep(0.2)


def table_of(watch: Watch, pace: Pace) -> str:
    """A line per series: first, last, rise by its line, and whether that is too much."""
    wrong = growing(watch, pace)
    lines = [f"{'':<40}{'first':>10}{'last':>10}{'rise':>10}"]
    for name, values in sorted(watch.series.items()):
        unit = MEGABYTE if name.startswith("memory") else 1
        figures = "".join(f"{value / unit:10.1f}" for value in (values[0], values[-1], watch.growth(name)))
        lines.append(f"{name:<40}{figures}{'  GROWS' if name in wrong else ''}")
    return "\n".join([*lines, f"{watch.aged} rows past their time were purged (memory in MB)"])


def main() -> None:
    """Soak a platform of its own and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__)
    parser.add_argument("--rate", type=float, default=3.5, help="cases a second: half of what the machine carries")
    parser.add_argument("--seconds", type=float, default=1200.0)
    options = parser.parse_args()
    pace = Pace(
        options.rate, options.seconds, options.seconds / 5, max(1.0, options.seconds / 120), options.seconds / 20
    )
    with running_platform() as platform:
        watch, trips = soaked(platform, programs(platform), pace)
    failed = [trip.failure for trip in trips if trip.failure]
    print(f"{table_of(watch, pace)}\n{len(trips)} cases, {len(failed)} failed {failed[:1]}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.json").write_text(watch.as_json())


if __name__ == "__main__":
    main()
