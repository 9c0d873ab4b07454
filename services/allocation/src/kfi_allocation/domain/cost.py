"""The cost of a plan, exactly: whole multiples of one unit, so that sums and comparisons are free of rounding.

A unit is 1 / (100 * L), L the least common denominator of the policy's weights, times the greatest number that divides
every cost that can occur. With whole weights and targets in hundredths the unit is at most one hundredth, with weights
that are multiples of 100 it is 1: the objective is then a whole number.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

from kfi_allocation.domain.instance import Household, Instance, Municipality, Policy

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Scale:
    """Costs in whole units; `unit` is what one of them is worth."""

    unit: Fraction
    off_target: int  # per hundredth of a person
    beyond_tolerance: int  # per hundredth of a person
    fit: int  # per person and point of fit
    relatives_missed: int  # per person
    same_district: int  # per person

    @classmethod
    def of(cls, policy: Policy) -> "Scale":
        """The coarsest scale on which every cost of the policy is whole."""
        weights = (policy.off_target, policy.beyond_tolerance, policy.relatives_missed, policy.same_district)
        exact = [Fraction(weight) for weight in weights]
        common = lcm(*(weight.denominator for weight in exact))
        off, beyond, missed, same = (int(weight * common) for weight in exact)
        raw = (off, beyond, HUNDRED * common, HUNDRED * missed, HUNDRED * same)
        step = gcd(*raw)
        return cls(Fraction(step, HUNDRED * common), *(value // step for value in raw))

    def amount(self, units: int) -> Fraction:
        """What a number of units is worth."""
        return units * self.unit


def town_units(town: Municipality, persons: int, policy: Policy, scale: Scale) -> int:
    """The cost, in units, of a town that gets this many persons."""
    off = abs(HUNDRED * persons - int(town.target * HUNDRED))
    tolerance = HUNDRED * policy.tolerance(town.target)
    return scale.off_target * min(off, tolerance) + scale.beyond_tolerance * max(off - tolerance, 0)


def household_units(home: Household, town: Municipality, district: str | None, scale: Scale) -> int:
    """The cost, in units, of a household in a town; `district` is that of the town its relatives live in."""
    relatives = 0
    if home.relatives_in is not None and home.relatives_in != town.ags:
        relatives = scale.same_district if town.district == district else scale.relatives_missed
    return home.persons * (scale.fit * town.fit.get(home.profile, 0) + relatives)


def plan_units(instance: Instance, places: dict[str, str]) -> int:
    """The cost, in units, of a complete plan: household id to AGS."""
    scale = Scale.of(instance.policy)
    towns = {town.ags: town for town in instance.municipalities}
    placed = dict.fromkeys(towns, 0)
    total = 0
    for home in instance.households:
        town = towns[places[home.id]]
        relatives = towns[home.relatives_in].district if home.relatives_in else None
        total += household_units(home, town, relatives, scale)
        placed[town.ags] += home.persons
    return total + sum(town_units(towns[ags], persons, instance.policy, scale) for ags, persons in placed.items())


def exact_number(value: Fraction) -> Decimal:
    """A fraction with a terminating expansion as a decimal; costs always have one."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return Decimal((value * 10**digits).numerator).scaleb(-digits)
