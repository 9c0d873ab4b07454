"""What a plan means for towns and households, counted from its frozen input: figures a planner decides by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kfi_allocation.domain.fitting import LANGUAGE
from kfi_allocation.domain.freezing import FrozenInput
from kfi_allocation.domain.instance import Household, Municipality


@dataclass(frozen=True, slots=True)
class TownLine:
    """A town under the plan: persons it should get, can take, and gets, and in how many households."""

    ags: str
    target: Decimal
    capacity: int
    persons: int
    households: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Of how many households something was asked for, and of how many it is so."""

    asked: int
    reached: int


@dataclass(frozen=True)
class Summary:
    """The towns by AGS, and what the households get of what they asked for."""

    towns: tuple[TownLine, ...]
    relatives: Reached
    relatives_same_district: int
    wishes: Reached
    languages: Reached


def summary_of(frozen: FrozenInput, assignments: Mapping[str, str]) -> Summary:
    """The summary of a plan; where a household has no place it counts nowhere."""
    instance = frozen.instance
    towns = {town.ags: town for town in instance.municipalities}
    placed = [(home, towns[assignments[home.id]]) for home in instance.households if home.id in assignments]
    persons: Counter[str] = Counter()
    homes: Counter[str] = Counter()
    for home, town in placed:
        persons[town.ags] += home.persons
        homes[town.ags] += 1
    lines = (TownLine(t.ags, t.target, t.capacity, persons[t.ags], homes[t.ags]) for t in instance.municipalities)
    with_relatives = [(home, town) for home, town in placed if home.relatives_in is not None]
    return Summary(
        towns=tuple(lines),
        relatives=Reached(len(with_relatives), sum(home.relatives_in == town.ags for home, town in with_relatives)),
        relatives_same_district=sum(_near(home, town, towns) for home, town in with_relatives),
        wishes=_counted(placed, frozen.document["profiles"], "wishes", lambda wish, town: wish == town.ags),
        languages=_counted(
            placed, frozen.document["profiles"], "languages", lambda word, town: f"{LANGUAGE}{word}" in town.offers
        ),
    )


def _near(home: Household, town: Municipality, towns: Mapping[str, Municipality]) -> bool:
    there = towns[home.relatives_in] if home.relatives_in is not None else town
    return there.ags != town.ags and there.district == town.district


def _counted(placed: Any, profiles: Mapping[str, Any], what: str, meets: Any) -> Reached:
    asked = [(profiles[home.profile][what], town) for home, town in placed if profiles[home.profile][what]]
    return Reached(len(asked), sum(any(meets(one, town) for one in those) for those, town in asked))
