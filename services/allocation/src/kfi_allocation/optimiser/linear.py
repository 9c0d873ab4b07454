"""Linear programs: one thread, a fixed seed, columns added in bulk."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from kfi_allocation.proof.model import Floats, Ints

SEED = 20260101


def solver() -> highspy.Highs:
    """A silent, deterministic solver of linear and mixed integer programs."""
    make: Callable[[], highspy.Highs] = highspy.Highs
    highs = make()
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", SEED)):
        highs.setOptionValue(name, value)
    return highs


@dataclass(frozen=True)
class Columns:
    """Columns of a program: cost, most, and per column the rows and values from `begin[c]` on."""

    cost: Floats
    most: Floats
    begin: Ints
    row: Ints
    value: Floats

    @classmethod
    def dense(cls, cost: Floats, rows: Ints, values: Floats, most: Floats | None = None) -> "Columns":
        """Columns that all have as many entries as `rows` has columns."""
        begin = np.arange(len(rows)) * rows.shape[1]
        limit = np.full(len(rows), highspy.kHighsInf) if most is None else most
        return cls(cost, limit, begin, rows.ravel(), values.ravel())

    def add_to(self, program: highspy.Highs) -> None:
        """Append the columns to a program; their least value is 0."""
        count = len(self.cost)
        if count:
            program.addCols(
                count, self.cost.astype(np.float64), np.zeros(count), self.most.astype(np.float64), len(self.row),
                self.begin.astype(np.int32), self.row.astype(np.int32), self.value.astype(np.float64),
            )  # fmt: skip
