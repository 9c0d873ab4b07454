"""The town's cost as a convex, piecewise linear function: the lower envelope of its table over whole persons."""

from dataclasses import dataclass

import numpy as np

from kfi_allocation.optimiser.compiled import compiled
from kfi_allocation.proof.model import Floats, Ints, Model


@dataclass(frozen=True)
class Envelope:
    """The segments of every town in rising order of their slope (units per person) with their length in persons.

    Town t has the segments `first[t]` to `first[t + 1]` and costs `fixed[t]` when it is empty.
    """

    slope: Floats
    length: Floats
    first: Ints
    fixed: Ints

    @classmethod
    def of(cls, model: Model) -> "Envelope":
        """The envelope of each town; it touches the town's cost from below and is exact where that is convex."""
        slope, length, first = _segments(model.most, model.start, model.town_cost)
        return cls(slope, length, first, model.town_cost[model.start])

    @property
    def town(self) -> Ints:
        """The town of each segment."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


@compiled
def _segments(most: Ints, start: Ints, town_cost: Ints) -> tuple[Floats, Floats, Ints]:
    corner = np.empty(len(town_cost), np.int64)
    slope, length = np.empty(len(town_cost)), np.empty(len(town_cost))
    first = np.zeros(len(most) + 1, np.int64)
    total = 0
    for t in range(len(most)):
        corners = 0
        for s in range(most[t] + 1):
            while corners > 1:
                a, b = corner[corners - 2], corner[corners - 1]
                before = (town_cost[start[t] + b] - town_cost[start[t] + a]) * (s - b)
                after = (town_cost[start[t] + s] - town_cost[start[t] + b]) * (b - a)
                if before < after:
                    break
                corners -= 1
            corner[corners] = s
            corners += 1
        for c in range(corners - 1):
            length[total] = corner[c + 1] - corner[c]
            slope[total] = (town_cost[start[t] + corner[c + 1]] - town_cost[start[t] + corner[c]]) / length[total]
            total += 1
        first[t + 1] = total
    return slope[:total].copy(), length[:total].copy(), first
