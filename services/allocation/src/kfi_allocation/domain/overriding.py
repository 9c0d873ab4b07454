"""A planner names another town for a household before the plan is accepted; the rest is planned again around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class OverrideReason(StrEnum):
    """Why a planner overrides the plan."""

    FAMILY = "family"
    NEEDS = "needs"
    HOUSING = "housing"
    TOWN_AGREED = "town-agreed"
    RELAXED_RULE = "relaxed-rule"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Override:
    """The town of one household, why in a code and in the planner's words, and who decided it."""

    household_id: UUID
    ags: str
    reason: OverrideReason
    explanation: str
    decided_by: str


def merged(earlier: Sequence[Override], new: Sequence[Override]) -> list[Override]:
    """Those of the run before and the new ones, which go before them; by household id."""
    by_household = {one.household_id: one for one in (*earlier, *new)}
    return [by_household[home] for home in sorted(by_household)]
