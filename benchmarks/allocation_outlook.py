"""Whether outlooks come true: `python -m benchmarks.allocation_outlook`

Some weeks are planned one after the other on the real municipalities; then twelve more are announced, the outlook of
every town is computed, and the twelve are planned week by week: one household in twenty is cancelled, five more come
each week that nobody announced. Told are, by weeks ahead, the shares of towns whose figures fell within their ranges,
and how wide the ranges of persons are.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any, Final

from benchmarks.allocation_year import HOUSEHOLDS, _Course
from kfi_allocation.domain.account.target import water_filled
from kfi_allocation.domain.outlook.expected import BARRIER_FREE, Expected, Figures, Ties, TownAhead, Weights
from kfi_allocation.domain.outlook.forecast import MEASURES, WEEKS, Announced, TownOutlook, outlook
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.synthetic import generate

FIRST: Final = date(2027, 1, 4)
RELATIVES, NEAR, OFF, BEYOND = Fraction(200), Fraction(120), Fraction(100), Fraction(300)
CANCELLED: Final = 0.05
UNANNOUNCED: Final = 5
LARGE: Final = 0.01
"""A town with at least this share of all inhabitants."""
Home = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Shares of towns within the range by measure; the ranges of persons and the persons who came, on average."""

    seed: int
    stop: bool
    weeks: int
    within: Mapping[str, float]
    wide: float
    wide_of_large: float
    persons_of_large: float


def played(seed: int, *, stop: bool, before: int) -> list[Result]:
    """One course of weeks."""
    course = _Course(int(RELATIVES), stop=stop)
    for number in range(1, before + 1):
        course.week(1000 * seed + number)
    lists = [generate(HOUSEHOLDS, seed=1000 * seed + 500 + week)["households"] for week in range(WEEKS[-1])]
    told = _told(course, lists)
    return _compared(course, told, _came(course, lists, seed), seed)


def _told(course: _Course, lists: list[list[Home]]) -> list[TownOutlook]:
    persons = sum(home["persons"] for homes in lists for home in homes)
    targets, duty = water_filled(course.key, course.counted, persons), sum(course.counted.values()) + persons
    homes = [
        Expected(_figures(home), _ties(home, course), FIRST + timedelta(weeks=week))
        for week, of_week in enumerate(lists)
        for home in of_week
    ]
    towns = [
        TownAhead(
            ags, target, max(3, ceil(target / 20)),
            0 if course.stop and course.counted[ags] >= course.key[ags] * duty else 10_000,
            frozenset(course.towns[ags]["offers"]),
        )
        for ags, target in targets.items()
    ]  # fmt: skip
    return outlook(Announced(FIRST, homes, (), Fraction(str(CANCELLED))), towns, Weights(OFF, BEYOND))


def _came(course: _Course, lists: list[list[Home]], seed: int) -> list[dict[str, Figures]]:
    random, found = Random(seed), []  # noqa: S311 - no secret
    for week, announced in enumerate(lists):
        stayed = [home for home in announced if random.random() >= CANCELLED]
        document = generate(UNANNOUNCED, seed=1000 * seed + 700 + week)
        more = [home | {"id": f"X{home['id']}"} for home in document["households"]]
        instance = course._instance(document | {"households": [*stayed, *more]})
        plan, of_week = solve(instance), dict.fromkeys(course.key, Figures())
        for home in stayed if plan.assignments else ():
            of_week[plan.assignments[home["id"]]] += _figures(home)
        if plan.assignments:
            course._book(instance, plan)
        found.append(of_week)
    return found


def _compared(course: _Course, told: list[TownOutlook], came: list[dict[str, Figures]], seed: int) -> list[Result]:
    results = []
    for place, weeks in enumerate(WEEKS):
        sums = {one.ags: sum((week[one.ags] for week in came[: weeks + 1]), Figures()) for one in told}
        spans = {one.ags: one.spans[place].ranges for one in told}
        large = [ags for ags in spans if course.key[ags] >= LARGE]
        width = {ags: held["persons"].most - held["persons"].least for ags, held in spans.items()}
        within = {
            measure: sum(held[measure].holds(getattr(sums[ags], measure)) for ags, held in spans.items()) / len(spans)
            for measure in MEASURES
        }
        results.append(
            Result(
                seed, course.stop, weeks, {name: round(share, 3) for name, share in within.items()},
                round(sum(width.values()) / len(width), 1), round(sum(width[ags] for ags in large) / len(large), 1),
                round(sum(sums[ags].persons for ags in large) / len(large), 1),
            )
        )  # fmt: skip
    return results


def _figures(home: Home) -> Figures:
    return Figures(1, home["persons"], max(0, home["persons"] - 2), int(BARRIER_FREE in home["needs"]))


def _ties(home: Home, course: _Course) -> Ties:
    lives_in = home["relatives_in"]
    if lives_in is None:
        return Ties(frozenset(home["needs"]))
    if home["must_join"]:
        return Ties(bound_to=lives_in)
    district = course.towns[lives_in]["district"]
    near = {ags: NEAR for ags, town in course.towns.items() if town["district"] == district}
    return Ties(frozenset(home["needs"]), frozenset((near | {lives_in: RELATIVES}).items()))


def main() -> None:
    """Print each course, and the least share of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--before", type=int, default=15)
    options = parser.parse_args()
    results = [
        result
        for seed in options.seeds
        for stop in (False, True)
        for result in played(seed, stop=stop, before=options.before)
    ]
    for result in results:
        print(json.dumps(asdict(result)))
    print(f"least: {min(share for result in results for share in result.within.values())}")


if __name__ == "__main__":
    main()
