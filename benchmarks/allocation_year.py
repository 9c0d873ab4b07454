"""A year of weekly runs, and what even distribution costs families: `python -m benchmarks.allocation_year`

45 households a week on the real municipalities; the target of each week is the account's own water-filling of all
weeks before it. One curve lets towns go above their duty, one closes a town at 100 % to all but core families; along
each the weight of relatives grows. Written as a table and as a plot (SVG) into .benchmarks/.
"""

import argparse
import json
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from benchmarks.allocation_plot import Curve, scatter
from kfi_allocation.domain.account.target import HUNDRED, in_hundredths, water_filled
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.domain.plan import Plan
from kfi_allocation.optimiser.solve import solve
from kfi_allocation.synthetic import POLICY, generate
from kfi_law.municipalities import Basis, population

RESULTS: Final = Path(__file__).parent.parent / ".benchmarks"
HOUSEHOLDS: Final = 45
SAME_DISTRICT: Final = Fraction(2, 5)  # of what relatives missed cost, as in the usual weights


@dataclass(frozen=True)
class Year:
    """A year under one weight, shares in percent; `off_duty`: persons above or below duty at its end, of all."""

    weight: int
    stop: bool
    weeks: int
    without_plan: int
    persons: int
    off_duty: float
    relatives_reached: float
    mean_gap: float
    worst_gap: float
    optimal_weeks: int
    cpu_a_week: float


class _Course:
    """The account of the year, week by week."""

    def __init__(self, weight: int, *, stop: bool) -> None:
        self.weight, self.stop = weight, stop
        people = population(Basis.CENSUS_2022)
        self.key = {ags: Fraction(n, people.total) for ags, n in people.by_ags.items()}
        self.counted = dict.fromkeys(self.key, 0)
        self.towns = {town["ags"]: town for town in generate(HOUSEHOLDS, seed=0)["municipalities"]}
        self.gaps: list[float] = []
        self.named = self.reached = self.without_plan = 0

    def week(self, number: int) -> None:
        """Place one week's households, or count the week as one without a plan."""
        instance = self._instance(generate(HOUSEHOLDS, seed=number))
        plan = solve(instance)
        if not plan.assignments:
            self.without_plan += 1
            return
        self._book(instance, plan)

    def _book(self, instance: Instance, plan: Plan) -> None:
        self.gaps.append(float(plan.gap))
        for home in instance.households:
            town = plan.assignments[home.id]
            self.counted[town] += home.persons
            if home.relatives_in is not None:
                self.named += home.persons
                self.reached += home.persons * (town == home.relatives_in)

    def _instance(self, document: dict[str, Any]) -> Instance:
        persons = sum(home["persons"] for home in document["households"])
        target = in_hundredths(water_filled(self.key, self.counted, persons), persons)
        joining = _joining(document["households"])
        duty = sum(self.counted.values()) + persons
        for town in document["municipalities"]:
            ags = town["ags"]
            town |= {
                "target": target[ags] / HUNDRED,
                "offers": self.towns[ags]["offers"],
                "fit": self.towns[ags]["fit"],
            }
            if self.stop and self.counted[ags] >= self.key[ags] * duty:
                town["capacity"] = joining.get(ags, 0)
        weights = {
            "relatives_missed_per_person": self.weight,
            "relatives_same_district_per_person": float(SAME_DISTRICT * self.weight),
        }
        return instance_from(document | {"policy": POLICY | weights})

    def year(self, weeks: int, cpu: float) -> Year:
        """The figures of the year."""
        persons = sum(self.counted.values())
        off = sum(abs(counted - self.key[ags] * persons) for ags, counted in self.counted.items())
        return Year(
            weight=self.weight,
            stop=self.stop,
            weeks=weeks,
            without_plan=self.without_plan,
            persons=persons,
            off_duty=round(float(100 * off / persons), 2),
            relatives_reached=round(100 * self.reached / self.named, 2),
            mean_gap=round(100 * sum(self.gaps) / len(self.gaps), 4),
            worst_gap=round(100 * max(self.gaps), 4),
            optimal_weeks=sum(gap <= 0.001 for gap in self.gaps),
            cpu_a_week=round(cpu / weeks, 2),
        )


def _joining(homes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Persons by town who must join their core family there."""
    found: dict[str, int] = {}
    for home in homes:
        if home["must_join"]:
            found[home["relatives_in"]] = found.get(home["relatives_in"], 0) + home["persons"]
    return found


def played(weight: int, weeks: int, *, stop: bool) -> Year:
    """One year under one weight of relatives."""
    begun, course = time.process_time(), _Course(weight, stop=stop)
    for number in range(1, weeks + 1):
        course.week(number)
    return course.year(weeks, time.process_time() - begun)


def main() -> None:
    """Print the years, and write table and plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=int, nargs="+", default=[0, 50, 100, 200, 400])
    parser.add_argument("--weeks", type=int, default=52)
    options = parser.parse_args()
    years = []
    for stop in (False, True):
        for weight in options.weights:
            years.append(played(weight, options.weeks, stop=stop))
            print(json.dumps(asdict(years[-1])), flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"allocation-year-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    path.with_suffix(".json").write_text(json.dumps([asdict(year) for year in years], indent=2))
    path.with_suffix(".svg").write_text(plot(years), encoding="utf-8")
    print(f"{path.with_suffix('.svg')}")


def plot(years: Sequence[Year]) -> str:
    """The curve of quota against family: persons off duty to the right, relatives reached upwards."""
    curves = [
        Curve(name, [(year.off_duty, year.relatives_reached, str(year.weight)) for year in years if year.stop is stop])
        for name, stop in (("no stop", False), ("closed at 100 %", True))
    ]
    return scatter(curves, "persons off duty at the end of the year, %", "persons placed with their relatives, %")


if __name__ == "__main__":
    main()
