"""What a case costs and leaves behind: `python -m benchmarks.capacity --sizes 1000 4000 [--write]`

Each role runs in a process of its own. Cases go from filing to letter in a closed loop until there are as many as the
first size, then the second: processor time of each process, memory, bytes of each table, topic and the spool, at
both, so that what grows is seen and not assumed. `--write` puts the tables into the capacity page, `--again` takes the
figures of the last run.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.capacity_platform import running_platform
from benchmarks.capacity_processes import uses
from benchmarks.capacity_roles import set_apart
from benchmarks.capacity_storage import per_case, stored
from benchmarks.capacity_tables import tables
from benchmarks.cases import RESULTS, drained
from benchmarks.cases_generating import Generating
from benchmarks.cases_load import Plan
from kfi_stack.running_platform import Platform

AT_ONCE: Final = 6
REST_SECONDS: Final = 10.0
FIGURES: Final = RESULTS / "capacity.json"
PAGE: Final = Path("docs/operations/capacity.md")
_MEASURED: Final = re.compile(r"(<!-- measured: begin -->\n).*?(<!-- measured: end -->)", re.DOTALL)


def measured(sizes: Sequence[int]) -> dict[str, Any]:
    """All figures of one platform that grows from nothing to the first size and on to the others."""
    with running_platform() as platform:
        pids = set_apart(platform)
        _run(platform, 10)  # what is loaded on first use is no cost of a case
        rest = _at_rest(pids)
        steps, before, cases = [], asyncio.run(stored(platform)), 0
        for size in sizes:
            step = _step(platform, pids, size - cases, rest)
            after = asyncio.run(stored(platform))
            steps.append(step | {"size": size, "bytes": per_case(before, after, size - cases)})
            print(
                f"{size} cases: {step['cases_a_second']:.1f} a second, {sum(step['processor_ms'].values()):.0f} ms each"
            )
            before, cases = after, size
    return {"rest": rest, "steps": steps}


def _at_rest(pids: Mapping[str, int]) -> dict[str, dict[str, float]]:
    before = uses(pids)
    time.sleep(REST_SECONDS)
    after = uses(pids)
    return {
        name: {"share": (after[name].seconds - before[name].seconds) / REST_SECONDS, "memory": after[name].memory}
        for name in pids
    }


def _step(
    platform: Platform, pids: Mapping[str, int], cases: int, rest: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """Processor milliseconds a case beyond what each process uses at rest, and its memory afterwards."""
    before, begun = uses(pids), time.monotonic()
    _run(platform, cases)
    after, seconds = uses(pids), time.monotonic() - begun
    spent = {name: after[name].seconds - before[name].seconds - rest[name]["share"] * seconds for name in pids}
    return {
        "cases_a_second": cases / seconds,
        "processor_ms": {name: max(0.0, used) / cases * 1000 for name, used in spent.items()},
        "memory": {name: use.memory for name, use in after.items()},
    }


def _run(platform: Platform, cases: int) -> None:
    issuer = platform.services["applications"].issuer
    plan = Plan(platform.gateway_url, issuer, rate=cases, seconds=1, signatures=False, at_once=AT_ONCE)
    with Generating(plan) as load:
        load.until_ready()
        failed = [trip.failure for trip in load.trips() if trip.failure]
    if failed:
        raise RuntimeError(f"{len(failed)} of {cases} cases failed, the first: {failed[0]}")
    asyncio.run(drained(platform))


def main() -> None:
    """Measure, print the tables, and with `--write` put them into the page."""
    parser = argparse.ArgumentParser(prog="benchmarks.capacity", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000])
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE}")
    parser.add_argument("--again", action="store_true", help="take the figures of the last run instead of measuring")
    options = parser.parse_args()
    if not options.again:
        RESULTS.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(measured(sorted(options.sizes)), indent=2) + "\n")
    text = tables(json.loads(FIGURES.read_text()))
    print(text)
    if options.write:
        page = PAGE.read_text("utf-8")
        PAGE.write_text(_MEASURED.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page), "utf-8")


if __name__ == "__main__":
    main()
