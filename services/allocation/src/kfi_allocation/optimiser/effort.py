"""How much work a run may do, and what it tells while it works."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Heat:
    """One cooling: the reduced cost worth a try, the first and the last temperature.

    All three in hundredths of what a person off target costs at the usual weights (a 300th of the steepest price).
    """

    limit: float
    first: float
    last: float


FEW_HOUSEHOLDS = (Heat(25, 8, 0.5), Heat(12, 20, 1), Heat(25, 4, 0.5))
SOME_HOUSEHOLDS = (Heat(12, 3, 0.2), Heat(6, 3, 0.2), Heat(12, 2, 0.2))
MANY_HOUSEHOLDS = (Heat(4, 1.5, 0.07), Heat(6, 0.7, 0.07), Heat(100, 10, 0.2), Heat(6, 0.7, 0.07))


@dataclass(frozen=True, slots=True)
class Effort:
    """Work by count, so that a run can be repeated; `seconds` is only a safety stop.

    The search ends when the proven gap is at most `gap`. `moves` per cooling, `columns` rounds of column generation,
    `parts` filled anew, `nodes` of a branch and bound. Whole patterns are tried for at most `whole_up_to` households,
    household prices for `patterns_up_to`: above, the pooled bound is close and household prices are too many.
    """

    seed: int = 1
    seconds: float = 120.0
    gap: Fraction = Fraction(8, 10_000)
    moves: int = 10_000_000
    moves_per_household: int = 20_000
    columns: int = 120
    parts: int = 40
    nodes: int = 200
    whole_up_to: int = 300
    patterns_up_to: int = 2_500


@dataclass(frozen=True, slots=True)
class Progress:
    """The best plan so far: objective and bound in the policy's units of cost."""

    stage: str
    objective: Fraction
    bound: Fraction


Listener = Callable[[Progress], None]
