"""What stands against a run before it is made: each obstacle names the household, the rule, and who may relax it.

A household that has no place even when it is alone in the run is told here, by name. What arises only because
households compete for places is the run's own answer, with the fewest rules to relax.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting, bound_to

MUNICIPALITY = "the municipality"
STOP = "the district government that granted the stop"
FAMILY = "the household and its case officer"
PLANNER = "the planner who fixed it"
OBJECTION = "the planner who upheld the objection"
POLICY = "the two persons who put a policy into force"
LIST = "whoever announced the household"


class BrokenRule(StrEnum):
    """Which rule leaves no place."""

    NO_SUCH_TOWN = "no-such-town"
    STOPPED = "reception-stop"
    CAPACITY = "capacity"
    NEEDS = "needs"
    EXCLUDED = "objection-upheld"
    QUOTA = "quota-reached"
    NOBODY = "nobody-waits"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no plan can exist; `household` None when it is about all of them."""

    rule: BrokenRule
    household: str | None
    ags: str | None
    text: str
    approved_by: str


def obstacles(given: Circumstances) -> tuple[Obstacle, ...]:
    """Every obstacle, those of single households first, in the order of their ids."""
    if not given.households:
        return (Obstacle(BrokenRule.NOBODY, None, None, "No household of these lists waits for a town.", LIST),)
    towns = {town.ags: town for town in given.towns}
    homes = sorted(given.households, key=lambda home: home.id)
    alone = [found for home in homes if (found := _alone(home, given, towns)) is not None]
    return tuple(alone) or tuple(_together(homes, given, towns))


def _alone(home: Waiting, given: Circumstances, towns: Mapping[str, TownFacts]) -> Obstacle | None:
    excluded = given.orders.excluded.get(home.id, frozenset())
    if home.id in given.orders.fixed:
        return _bound(home, given.orders.fixed[home.id], excluded, towns, "was given a place by a planner")
    if home.relatives_in is not None and home.relatives_in not in towns:
        return _no_town(home, home.relatives_in, "has relatives")
    if home.must_join and home.relatives_in is not None:
        return _bound(home, home.relatives_in, excluded, towns, "must join its core family")
    return _free(home, excluded, given.towns)


def _bound(
    home: Waiting, ags: str, excluded: frozenset[str], towns: Mapping[str, TownFacts], why: str
) -> Obstacle | None:
    town = towns.get(ags)
    if town is None:
        return _no_town(home, ags, why)
    begun = f"Household {home.id} {why} in {ags}"
    if ags in excluded:
        return Obstacle(
            BrokenRule.EXCLUDED, home.id, ags, f"{begun}, but an objection against it was upheld.", OBJECTION
        )
    if town.stopped:
        return Obstacle(BrokenRule.STOPPED, home.id, ags, f"{begun}, which has a reception stop.", STOP)
    if town.capacity < home.persons:
        text = f"{begun}, which has {town.capacity} places for its {home.persons} persons."
        return Obstacle(BrokenRule.CAPACITY, home.id, ags, text, MUNICIPALITY)
    return None


def _free(home: Waiting, excluded: frozenset[str], towns: Sequence[TownFacts]) -> Obstacle | None:
    fitting = [town for town in towns if home.needs <= town.offers]
    if not fitting:
        text = f"Household {home.id} needs {', '.join(sorted(home.needs))}; no town offers all of it."
        return Obstacle(BrokenRule.NEEDS, home.id, None, text, FAMILY)
    against = {town.ags: _against(home, town, excluded) for town in fitting}
    if not all(against.values()):
        return None
    nearest = min(fitting, key=lambda town: (len(against[town.ags]), max(0, home.persons - town.capacity), town.ags))
    return _nearest(home, nearest.ags, against[nearest.ags])


def _nearest(home: Waiting, ags: str, against: Sequence[tuple[BrokenRule, str, str]]) -> Obstacle:
    """The town where the fewest rules stand against the household, and the least places are missing."""
    offered = f" that offers {', '.join(sorted(home.needs))}" if home.needs else ""
    why = " and ".join(words for _, words, _ in against)
    begun = f"No town{offered} can take household {home.id} of {home.persons} persons"
    text = f"{begun}; the least stands against {ags}: {why}."
    return Obstacle(against[0][0], home.id, ags, text, " and ".join(who for *_, who in against))


def _against(home: Waiting, town: TownFacts, excluded: frozenset[str]) -> list[tuple[BrokenRule, str, str]]:
    """Every rule between a household and a town that offers what it needs: in words, and who may relax it."""
    stopped = town.stopped or town.settled_only
    rules = (
        (town.ags in excluded, BrokenRule.EXCLUDED, "its objection was upheld", OBJECTION),
        (stopped, BrokenRule.STOPPED, "it has a reception stop", STOP),
        (town.closed, BrokenRule.QUOTA, "it has taken its share, at which the policy ends", POLICY),
        (town.capacity < home.persons, BrokenRule.CAPACITY, f"it has {town.capacity} places", MUNICIPALITY),
    )
    return [(rule, words, who) for broken, rule, words, who in rules if broken]


def _together(homes: Sequence[Waiting], given: Circumstances, towns: Mapping[str, TownFacts]) -> Iterator[Obstacle]:
    """More persons are bound to a town than it has places."""
    bound: dict[str, list[Waiting]] = {}
    for home in homes:
        ags = bound_to(home, given.orders)
        if ags is not None:
            bound.setdefault(ags, []).append(home)
    for ags, there in sorted(bound.items()):
        persons = sum(home.persons for home in there)
        if persons > towns[ags].capacity:
            named = ", ".join(home.id for home in there)
            text = f"{persons} persons are bound to {ags}, which has {towns[ags].capacity} places: households {named}."
            yield Obstacle(BrokenRule.CAPACITY, there[0].id, ags, text, MUNICIPALITY)


def _no_town(home: Waiting, ags: str, why: str) -> Obstacle:
    text = f"Household {home.id} {why} in {ags}; no municipality has this AGS."
    return Obstacle(BrokenRule.NO_SUCH_TOWN, home.id, ags, text, LIST)
