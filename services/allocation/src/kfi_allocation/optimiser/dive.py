"""From fractions of patterns to whole ones: the surest towns are settled, the rest is priced anew, and so on.

A dive through the column generation. It looks only at small programs and so replaces a branch and bound that would
not end in time.
"""

import numpy as np

from kfi_allocation.optimiser.master import Master
from kfi_allocation.proof.model import Ints

SURE = 0.8
ROUNDS = 4
WIDTH = 100.0  # units per person a price may leave the best one while towns are settled


class Dive:
    """Settles the towns of a converged master one after the other."""

    def __init__(self, master: Master, unit: float) -> None:
        self.master = master
        self.left = master.model.count.copy()
        self.settled: dict[int, tuple[Ints, Ints]] = {}
        self.solved = 0
        master.box.width = WIDTH * unit

    def chosen(self) -> list[tuple[int, Ints, Ints]]:
        """A pattern for each town: (town, kinds, numbers). Households may be left over."""
        trial, limit = self.master.solve()
        while self._settle():
            for _ in range(ROUNDS):
                trial, limit = self.master.solve()
                self.solved += 1
                if not self.master.widen(self.left, trial, limit, self.settled):
                    break
        return [(town, kinds, numbers) for town, (kinds, numbers) in self.settled.items()]

    def _settle(self) -> bool:
        """Settle the towns whose pattern is nearly whole, at least the surest one; False when none is left."""
        value = self.master.pattern_values()
        before = len(self.settled)
        for column in np.argsort(-value, kind="stable"):
            if (value[column] < SURE and len(self.settled) > before) or value[column] <= 1e-6:
                break
            town, kinds, numbers = self.master.pattern(int(column))
            if town not in self.settled and (self.left[kinds] >= numbers).all():
                self.settled[town] = (kinds, numbers)
                self.left[kinds] -= numbers
                self.master.require(int(column))
        return len(self.settled) > before
