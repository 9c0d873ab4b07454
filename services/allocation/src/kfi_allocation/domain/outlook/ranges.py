"""The range of a sum of households that come by chance: exact for the chances given, honest for small numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, lgamma, log, log1p, prod, sqrt

NEGLIGIBLE = 1e-15
FAR_OFF = 10
"""Standard deviations from the mean; what lies beyond is negligible."""
WORTH_A_WORD = 0.01


@dataclass(frozen=True, slots=True)
class Part:
    """So many households that each come with the same chance; each of them adds the same figure."""

    chance: float
    households: int
    figure: int


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most that is told; whole numbers."""

    least: int
    most: int

    def holds(self, number: int) -> bool:
        """Whether the number lies within."""
        return self.least <= number <= self.most

    def more_by(self, certain: int) -> "Range":
        """The same with so many more who come for certain."""
        return Range(self.least + certain, self.most + certain)


def range_of(parts: Sequence[Part], promised: Fraction) -> Range:
    """The range that holds the sum with at least the chance promised.

    At each end at most half of the rest is left out. A town that is given a family with a chance of one in a hundred
    or more is told of one, and of as many persons as usually come when anybody comes.
    """
    left_out = float((1 - promised) / 2)
    chances = distribution(parts)
    return Range(_first_above(chances, left_out), max(_last_above(chances, left_out), _if_anybody(chances, parts)))


def distribution(parts: Iterable[Part]) -> list[float]:
    """The chance of each sum from 0 on. Households that add the same figure are counted first: that is less work."""
    comers: dict[int, list[float]] = {}
    for part in parts:
        if part.chance > 0 and part.figure > 0:
            comers[part.figure] = _joined(comers.get(part.figure, [1.0]), 1, _comers(part))
    chances = [1.0]
    for figure, numbers in comers.items():
        chances = _joined(chances, figure, numbers)
    return chances


def _comers(part: Part) -> list[float]:
    """The chance that so many of them come, from 0 on."""
    if part.chance >= 1:
        return [0.0] * part.households + [1.0]
    mean = part.households * part.chance
    far = FAR_OFF * sqrt(mean) + FAR_OFF
    first, last = max(0, int(mean - far)), min(part.households, int(mean + far))
    yes, no, ways = log(part.chance), log1p(-part.chance), lgamma(part.households + 1)
    return [0.0] * first + [
        exp(ways - lgamma(k + 1) - lgamma(part.households - k + 1) + k * yes + (part.households - k) * no)
        for k in range(first, last + 1)
    ]


def _joined(chances: Sequence[float], figure: int, comers: Sequence[float]) -> list[float]:
    """The sums with so many comers more, each of whom adds the figure."""
    joined = [0.0] * (len(chances) + figure * (len(comers) - 1))
    for number, of_number in enumerate(comers):
        if of_number > NEGLIGIBLE:
            for place, chance in enumerate(chances, figure * number):
                joined[place] += chance * of_number
    while len(joined) > 1 and joined[-1] < NEGLIGIBLE:
        joined.pop()
    return joined


def _if_anybody(chances: Sequence[float], parts: Sequence[Part]) -> int:
    """What usually comes when anybody does: the median of those cases; 0 where that is hardly to be expected."""
    nobody = prod((1 - part.chance) ** part.households for part in parts)
    if 1 - nobody < WORTH_A_WORD:
        return 0
    return _first_above([max(0.0, chances[0] - nobody), *chances[1:]], (1 - nobody) / 2)


def _first_above(chances: Sequence[float], left_out: float) -> int:
    """The first number up to which more than that chance lies."""
    below = 0.0
    for number, chance in enumerate(chances):
        below += chance
        if below > left_out:
            return number
    return len(chances) - 1


def _last_above(chances: Sequence[float], left_out: float) -> int:
    """The last number from which on more than that chance lies."""
    return len(chances) - 1 - _first_above(chances[::-1], left_out)
