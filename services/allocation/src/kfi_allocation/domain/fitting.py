"""Wishes and languages as the fit of a town: the one place where they become costs.

A household's profile is what it wishes and which languages it speaks. The fit of a profile in a town, in points per
person (0 to 60, whole), is the sum of

* `wish_missed_per_person` where the household has wishes and the town is none of them,
* `language_missed_per_person` where it speaks languages and the town offers advice in none of them.

Both weights are the policy's and together at most 60. Relatives are no wish: they have a term of their own in the cost,
and for a core family that must be joined nothing is weighed at all. Profiles are numbered, so that what a town sees of
a run (its own fit) names nobody's wishes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kfi_allocation.domain.instance_document import MOST_FIT

NOTHING: Final = "none"
"""The profile of a household that has neither wishes nor languages, or must join its family."""
LANGUAGE: Final = "language:"
"""How a town's offers name a language in which it gives advice: ``language:`` and its code."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Towns wished for and languages spoken, each in order."""

    wishes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, wishes: Iterable[str], languages: Iterable[str], *, must_join: bool) -> "Profile":
        """The profile of a household."""
        return cls() if must_join else cls(tuple(sorted(set(wishes))), tuple(sorted(set(languages))))


@dataclass(frozen=True, slots=True)
class FitWeights:
    """Points per person."""

    wish_missed: int
    language_missed: int

    def __post_init__(self) -> None:
        if min(self.wish_missed, self.language_missed) < 0 or self.wish_missed + self.language_missed > MOST_FIT:
            raise ValueError(f"the weights of wishes and languages must be from 0 and together at most {MOST_FIT}")

    def fit(self, profile: Profile, ags: str, offers: frozenset[str]) -> int:
        """The points of a profile in a town."""
        wish = self.wish_missed if profile.wishes and ags not in profile.wishes else 0
        spoken = any(f"{LANGUAGE}{language}" in offers for language in profile.languages)
        return wish + (self.language_missed if profile.languages and not spoken else 0)


def numbered(profiles: Iterable[Profile]) -> dict[Profile, str]:
    """A name for each profile, in the order in which they come."""
    names: dict[Profile, str] = {}
    for profile in profiles:
        if profile == Profile():
            names[profile] = NOTHING
        else:
            names.setdefault(profile, f"P{len(names) + 1:05}")
    return names


def fit_of_town(names: Mapping[Profile, str], weights: FitWeights, ags: str, offers: frozenset[str]) -> dict[str, int]:
    """The town's fit by name of the profile; what costs nothing is left out."""
    points = {name: weights.fit(profile, ags, offers) for profile, name in names.items()}
    return {name: cost for name, cost in points.items() if cost}
