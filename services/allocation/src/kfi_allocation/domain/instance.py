"""An allocation instance: what is to be placed, where, under which policy. Every figure is exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

FORMAT = "kfi-allocation-instance/1"


@dataclass(frozen=True, slots=True)
class Policy:
    """The weights of the cost; they are policy and come with the instance.

    `off_target`, `beyond_tolerance`, `relatives_missed` and `same_district` are costs per person,
    `tolerance_persons` is in whole persons, `tolerance_share` a share of a town's target.
    """

    off_target: Decimal
    beyond_tolerance: Decimal
    tolerance_persons: int
    tolerance_share: Decimal
    relatives_missed: Decimal
    same_district: Decimal

    def tolerance(self, target: Decimal) -> int:
        """The persons a town may be off its target at the lower price: max(persons, ceil(share * target))."""
        return max(self.tolerance_persons, ceil(Fraction(self.tolerance_share) * Fraction(target)))


@dataclass(frozen=True, slots=True)
class Municipality:
    """A town of the run: `target` and `capacity` in persons, `fit` the cost per person of a household profile."""

    ags: str
    district: str
    target: Decimal
    capacity: int
    offers: frozenset[str]
    fit: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Household:
    """An indivisible household; `must_join` binds a core family to `relatives_in`."""

    id: str
    persons: int
    profile: str
    needs: frozenset[str]
    relatives_in: str | None
    must_join: bool

    def may_live_in(self, town: Municipality) -> bool:
        """Whether the town's kind allows the household there; the town's capacity is not looked at."""
        if self.must_join:
            return town.ags == self.relatives_in
        return self.needs <= town.offers


@dataclass(frozen=True, slots=True)
class Instance:
    """Towns in the file's order, households in the file's order, and the policy."""

    policy: Policy
    municipalities: tuple[Municipality, ...]
    households: tuple[Household, ...]

    @property
    def persons(self) -> int:
        """All persons of the run."""
        return sum(household.persons for household in self.households)
