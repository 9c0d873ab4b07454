"""The outlook of every town: who is certain to come, and the range of who may, within some weeks from a day."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final

from kfi_allocation.domain.outlook.chances import Chances
from kfi_allocation.domain.outlook.expected import Expected, Figures, Placed, Ties, TownAhead, Weights
from kfi_allocation.domain.outlook.ranges import Part, Range, range_of

WEEKS: Final = (2, 4, 8, 12)
PROMISED: Final = Fraction(9, 10)
METHOD: Final = "town-prices-1"
"""Names the model of the chances; it changes whenever the same lists would give other ranges."""
MEASURES: Final = tuple(field.name for field in fields(Figures))
_NEGLIGIBLE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Span:
    """What comes within so many weeks; None: households whose day of arrival nobody has said."""

    weeks: int | None
    until: date | None
    certain: Figures
    ranges: Mapping[str, Range]


@dataclass(frozen=True, slots=True)
class TownOutlook:
    """What a town has to expect; each range holds by itself with the chance promised, all that is certain included."""

    ags: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    """What is known on a day. `falls_out`: the share of announced households that is cancelled before it arrives."""

    on: date
    expected: Sequence[Expected]
    placed: Sequence[Placed]
    falls_out: Fraction


def last_day(as_of: date, weeks: int | None) -> date | None:
    """The last day of a span; None for households without a day."""
    return None if weeks is None else as_of + timedelta(weeks=weeks)


def outlook(announced: Announced, towns: Sequence[TownAhead], weights: Weights) -> list[TownOutlook]:
    """The outlook of every town, in the order of the towns."""
    chances = Chances(announced.expected, towns, weights)
    windows = [_Window(weeks, announced) for weeks in (*WEEKS, None)]
    return [TownOutlook(town.ags, tuple(window.of(town.ags, chances) for window in windows)) for town in towns]


class _Window:
    """The households that arrive from the day on within some weeks, or without a day."""

    def __init__(self, weeks: int | None, announced: Announced) -> None:
        self.weeks, self.stays = weeks, float(1 - announced.falls_out)
        self.until = last_day(announced.on, weeks)
        self.placed: dict[str, list[Figures]] = {}
        for one in announced.placed:
            if self._within(one.arrival_on):
                self.placed.setdefault(one.ags, []).append(one.figures)
        homes = [home for home in announced.expected if self._within(home.arrival_on)]
        self.counts = {measure: _counted(homes, measure) for measure in MEASURES}
        self.ties = {home.ties for home in homes}

    def _within(self, arrival_on: date | None) -> bool:
        """Whoever should have arrived before the day and has not is still to come."""
        if self.until is None or arrival_on is None:
            return self.until is None and arrival_on is None
        return arrival_on <= self.until

    def of(self, ags: str, chances: Chances) -> Span:
        """What comes to the town."""
        certain = reduce(add, self.placed.get(ags, ()), Figures())
        found = {ties: self.stays * chances.of(ties, ags) for ties in self.ties}
        coming = {ties: chance for ties, chance in found.items() if chance > _NEGLIGIBLE}
        ranges = {measure: self._range(measure, coming).more_by(getattr(certain, measure)) for measure in MEASURES}
        return Span(self.weeks, self.until, certain, ranges)

    def _range(self, measure: str, coming: Mapping[Ties, float]) -> Range:
        parts = [
            Part(chance, households, figure)
            for ties, chance in coming.items()
            for figure, households in self.counts[measure][ties].items()
        ]
        return range_of(parts, PROMISED)


def _counted(homes: Iterable[Expected], measure: str) -> dict[Ties, Counter[int]]:
    """How many households of the same ties add the same figure."""
    figure: Callable[[Figures], int] = lambda figures: getattr(figures, measure)  # noqa: E731
    found: dict[Ties, Counter[int]] = {}
    for home in homes:
        found.setdefault(home.ties, Counter())[figure(home.figures)] += 1
    return found
