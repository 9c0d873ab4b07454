"""What an outlook is made from: households that are announced and have no town yet, and the towns they may come to."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

BARRIER_FREE: Final = "accessible"
Savings = frozenset[tuple[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Ties:
    """What decides where a household may come; households with the same ties have the same chances.

    `saves`: pairs of AGS and what a person costs less there than where the household knows nobody. `bound_to`: the one
    town it can come to, because its core family lives there or a planner said so. `excluded`: towns whose objection was
    upheld.
    """

    needs: frozenset[str] = frozenset()
    saves: Savings = frozenset()
    bound_to: str | None = None
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a town wants to know of those who come; `barrier_free` counts flats."""

    households: int = 0
    persons: int = 0
    school_children: int = 0
    barrier_free: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.households + other.households,
            self.persons + other.persons,
            self.school_children + other.school_children,
            self.barrier_free + other.barrier_free,
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """A household that is announced and has no town yet."""

    figures: Figures
    ties: Ties
    arrival_on: date | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A household that has its town and has not arrived."""

    figures: Figures
    ags: str
    arrival_on: date | None


@dataclass(frozen=True, slots=True)
class TownAhead:
    """A town as the next plan will see it: `target` and `tolerance` in persons, `capacity` the most it can take."""

    ags: str
    target: Fraction
    tolerance: int
    capacity: int
    offers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """The policy's cost of a person off target, within the tolerance and beyond it."""

    off_target: Fraction
    beyond_tolerance: Fraction
