"""How fast events travel: relay and consumer beside their peers, in one run, as ratios. `make bench`

Events of about 1.2 KB with their envelope, 500 keys on 4 partitions, PostgreSQL with fsync on the same machine. Every
contestant runs in a process of its own, on uvloop as the services do; the rounds alternate. After each round the result
is checked: as many records, effects, inbox and outbox rows as events, none twice, and the order per key where it is
promised. A figure is the median of its rounds; `cpu` is the processor time of the contestant's own process.

    python -m benchmarks.delivery [--rounds 3] [--only relay]
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from benchmarks.delivery_course import Course
from benchmarks.delivery_ground import DeliveryGround
from benchmarks.ground import ground
from benchmarks.rounds import Figures, NotInstalledError, in_own_process, keep

FULL: Final = 40_000
SOME: Final = 10_000
FEW: Final = 2_000
"""For contestants of some hundred a second."""


@dataclass(frozen=True)
class Entry:
    """A contestant: where its function is, whose rows it relays, how its result is checked."""

    name: str
    where: str
    check: str
    rows_for: str | None = None
    events: int = FULL


ENTRIES: Final = (
    Entry("relay", "delivery_chassis:relay", "in order", rows_for="relay"),
    Entry("bare producer", "peers_kafka:producer", "count"),
    Entry("bare producer, hand-made batches", "peers_kafka:hand_made_batches", "count"),
    Entry("txoutbox, best settings", "peers_txoutbox:tuned", "in order", rows_for="txoutbox", events=SOME),
    Entry("txoutbox, default settings", "peers_txoutbox:by_default", "in order", rows_for="txoutbox", events=SOME),
    Entry(
        "faststream-outbox, 1 worker",
        "peers_faststream_outbox:in_order",
        "in order",
        rows_for="faststream-outbox",
        events=FEW,
    ),
    Entry(
        "faststream-outbox, 32 workers",
        "peers_faststream_outbox:side_by_side",
        "any order",
        rows_for="faststream-outbox",
        events=SOME,
    ),
    Entry("on_batch", "delivery_chassis:on_batch", "effects"),
    Entry("on", "delivery_chassis:on", "effects"),
    Entry("one by one, own transaction", "peers_faststream:one_by_one", "effects", events=FEW),
    Entry("statements alone", "peers_statements:statements", "effects"),
    Entry("bare FastStream, default policy", "peers_faststream:bare", "none"),
    Entry("bare FastStream, each committed", "peers_faststream:bare_committed", "none", events=FEW),
    Entry("bare FastStream, batches", "peers_faststream:bare_batches", "none"),
    Entry("bare aiokafka consumer", "peers_kafka:consumer", "none"),
)
AIMS: Final = (
    ("relay", "bare producer", 0.7),
    ("relay", "bare producer, hand-made batches", None),
    ("relay", "txoutbox, best settings", 3.0),
    ("relay", "txoutbox, default settings", None),
    ("relay", "faststream-outbox, 1 worker", None),
    ("relay", "faststream-outbox, 32 workers", None),
    ("on_batch", "statements alone", 0.7),
    ("on_batch", "one by one, own transaction", 20.0),
    ("on", "one by one, own transaction", None),
    ("on_batch", "on", None),
    ("on_batch", "bare FastStream, default policy", None),
    ("on_batch", "bare FastStream, each committed", None),
    ("on_batch", "bare FastStream, batches", None),
    ("on_batch", "bare aiokafka consumer", None),
)


async def compare(course_of: DeliveryGround, entries: Sequence[Entry], rounds: int) -> dict[str, Figures | None]:
    """The figures of each contestant; None where its library is missing."""
    await course_of.lay(FULL)
    found: dict[str, list[dict[str, float]]] = {entry.name: [] for entry in entries}
    for number in range(1, rounds + 1):
        for entry in entries:
            try:
                found[entry.name].append(await _round(course_of, entry))
            except NotInstalledError as missing:
                print(f"{entry.name}: not installed ({missing})")
            else:
                print(f"round {number} of {rounds}: {entry.name:<34}{found[entry.name][-1]['rate']:>10,.0f} events/s")
    return {name: Figures.of(each) if each else None for name, each in found.items()}


async def _round(course_of: DeliveryGround, entry: Entry) -> dict[str, float]:
    course = await course_of.course(rows_for=entry.rows_for, events=entry.events)
    figures = await asyncio.to_thread(in_own_process, entry.where, asdict(course))
    await _check(course_of, entry, course)
    return figures


async def _check(course_of: DeliveryGround, entry: Entry, course: Course) -> None:
    match entry.check:
        case "in order" | "any order":
            await course_of.check_topic(course, in_order=entry.check == "in order")
        case "count":
            await course_of.check_count(course)
        case "effects":
            await course_of.check_effects(course)


def ratios(figures: Mapping[str, Figures | None]) -> dict[str, float]:
    """Each pair of AIMS that was measured."""
    return {
        f"{name} / {peer}": mine.rate / its.rate
        for name, peer, _ in AIMS
        if (mine := figures.get(name)) is not None and (its := figures.get(peer)) is not None
    }


def show(figures: Mapping[str, Figures | None]) -> None:
    """Print both tables."""
    print(f"\n{'contestant':<36}{'events/s':>9}  {'lowest-highest':<17}{'cpu us':>7}{'MiB':>6}")
    for name, each in figures.items():
        if each is None:
            print(f"{name:<36}not installed")
        else:
            spread = f"{each.lowest:,.0f}-{each.highest:,.0f}"
            print(f"{name:<36}{each.rate:>9,.0f}  {spread:<17}{each.cpu_us:>7.0f}{each.peak_mib:>6.0f}")
    print(f"\n{'ratio':<60}{'measured':>9}   aim")
    found = ratios(figures)
    for name, peer, aim in AIMS:
        ratio = found.get(f"{name} / {peer}")
        if ratio is not None:
            verdict = "" if aim is None else f"{aim:g} {'reached' if ratio >= aim else 'MISSED'}"
            print(f"{f'{name} / {peer}':<60}{ratio:>9.2f}   {verdict}")


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", default=[], help="part of a contestant's name; may be repeated")
    options = parser.parse_args()
    entries = [entry for entry in ENTRIES if not options.only or any(part in entry.name for part in options.only)]
    with ground() as place:
        figures = asyncio.run(compare(DeliveryGround(place), entries, options.rounds))
    show(figures)
    if not options.only:
        print(f"\nkept in {keep('delivery', figures, ratios(figures)).name} of the folder .benchmarks")


if __name__ == "__main__":
    main()
