"""Freezes what a run is about: one document in canonical bytes, from which the run can be solved again at any time.

Municipalities stand by AGS and households by id, so that ties, which go by this order, are broken by a published rule.
The same circumstances give the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from kfi_allocation.domain import instance_document, orders_document
from kfi_allocation.domain.fitting import FitWeights, Profile, fit_of_town, numbered
from kfi_allocation.domain.instance import FORMAT as INSTANCE_FORMAT
from kfi_allocation.domain.instance import Instance, Policy
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.orders_document import orders_from

FORMAT: Final = "kfi-allocation-frozen-input/1"
MOST_CAPACITY: Final = instance_document.MOST_COUNT


class Closing(StrEnum):
    """Why a town takes nobody more: an approved stop, a policy that ends at 100 %, or no place is left."""

    STOPPED = "stopped"
    QUOTA_REACHED = "quota-reached"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class TownFacts:
    """A town on the day: persons it should get, persons it can take, whether reception is stopped, what it offers."""

    ags: str
    target_hundredths: int
    capacity: int
    offers: frozenset[str]
    stopped: bool = False
    closed: bool = False
    """At 100 % under a policy that stops there: core families alone."""
    settled_only: bool = False
    """Of a repair: reception is stopped, and its capacity is that of those who are settled there."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A household that waits, without anything that names it."""

    id: str
    persons: int
    needs: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    relatives_in: str | None = None
    must_join: bool = False

    @property
    def profile(self) -> Profile:
        """By what a town's fit is counted."""
        return Profile.of(self.wishes, self.languages, must_join=self.must_join)


@dataclass(frozen=True)
class Circumstances:
    """All that a run depends on. `kept`: for a repair, the town each household has so far; `released`: see there."""

    on: date
    policy_version: str
    weights: Policy
    fit: FitWeights
    towns: Sequence[TownFacts]
    households: Sequence[Waiting]
    orders: Orders = field(default_factory=Orders)
    kept: Mapping[str, str] | None = None
    released: AbstractSet[str] = frozenset()
    seed: int = 1


@dataclass(frozen=True)
class FrozenInput:
    """The canonical bytes, and what is read from them."""

    content: bytes
    document: Mapping[str, Any]
    instance: Instance
    orders: Orders

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal digits."""
        return sha256(self.content).hexdigest()

    @property
    def kept(self) -> Mapping[str, str] | None:
        """The towns so far, of a repair."""
        return self.document.get("kept")

    def closing(self, ags: str) -> Closing | None:
        """Why the town takes nobody more, core families aside; None for one that has places."""
        for why in (Closing.STOPPED, Closing.QUOTA_REACHED):
            if ags in self.document.get("closings", {}).get(why.value, ()):
                return why
        full = any(town.ags == ags and town.capacity == 0 for town in self.instance.municipalities)
        return Closing.FULL if full else None


def freeze(given: Circumstances) -> FrozenInput:
    """The frozen input of these circumstances. Raises DocumentNotReadable for what no instance can hold."""
    homes = sorted(given.households, key=lambda home: home.id)
    names = numbered(home.profile for home in homes)
    document: dict[str, Any] = {
        "format": FORMAT,
        "on": given.on.isoformat(),
        "policy_version": given.policy_version,
        "seed": given.seed,
        "profiles": {name: _profile(profile) for profile, name in names.items()},
        "instance": {
            "format": INSTANCE_FORMAT,
            "policy": _policy(given.weights),
            "municipalities": [_town(town, given, names) for town in sorted(given.towns, key=lambda town: town.ags)],
            "households": [_household(home, names) for home in homes],
        },
        "orders": orders_document.as_document(given.orders),
        "closings": {
            Closing.STOPPED.value: sorted(town.ags for town in given.towns if town.stopped or town.settled_only),
            Closing.QUOTA_REACHED.value: sorted(town.ags for town in given.towns if town.closed),
        },
    }
    if given.kept is not None:
        document["kept"] = dict(sorted(given.kept.items()))
        document["released"] = sorted(given.released)
    return thawed(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def thawed(content: bytes) -> FrozenInput:
    """The input that was frozen into these bytes. Raises DocumentNotReadable."""
    document = json.loads(content, parse_float=Decimal)
    instance = instance_document.instance_from(document["instance"])
    return FrozenInput(content, document, instance, orders_from(document["orders"], instance))


def changed_since(frozen: FrozenInput, now: Sequence[Waiting]) -> tuple[str, ...]:
    """Households of the input that are not among those of now, or whose facts differ; in the order of their ids."""
    profiles = frozen.document["profiles"]
    today = {home.id: home for home in now}
    return tuple(
        row["id"]
        for row in frozen.document["instance"]["households"]
        if not _is_still(row, today.get(row["id"]), profiles)
    )


def _is_still(row: Mapping[str, Any], home: Waiting | None, profiles: Mapping[str, Any]) -> bool:
    if home is None:
        return False
    facts = {name: value for name, value in row.items() if name != "profile"}
    said = {name: value for name, value in _household(home, {home.profile: ""}).items() if name != "profile"}
    return facts == said and profiles[row["profile"]] == _profile(home.profile)


def _town(town: TownFacts, given: Circumstances, names: Mapping[Profile, str]) -> dict[str, Any]:
    offers = sorted(town.offers)
    return {
        "ags": town.ags,
        "district": town.ags[:5],
        "target": town.target_hundredths / 100,
        "capacity": places_of(town, given),
        "offers": offers,
        "fit": fit_of_town(names, given.fit, town.ags, town.offers),
    }


def places_of(town: TownFacts, given: "Circumstances") -> int:
    """How many persons it takes: nobody at a stop; where it is closed, those who are bound to it; never below 0."""
    if town.stopped:
        return 0
    capacity = max(0, min(town.capacity, MOST_CAPACITY))
    if town.closed:
        return min(capacity, sum(h.persons for h in given.households if bound_to(h, given.orders) == town.ags))
    return capacity


def bound_to(home: Waiting, orders: Orders) -> str | None:
    """The one town for the household: fixed by people, or where its core family lives."""
    return orders.fixed.get(home.id) or (home.relatives_in if home.must_join else None)


def _household(home: Waiting, names: Mapping[Profile, str]) -> dict[str, Any]:
    return {
        "id": home.id,
        "persons": home.persons,
        "profile": names[home.profile],
        "needs": sorted(home.needs),
        "relatives_in": home.relatives_in,
        "must_join": home.must_join,
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {"wishes": list(profile.wishes), "languages": list(profile.languages)}


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "off_target_per_person": _figure(policy.off_target),
        "beyond_tolerance_per_person": _figure(policy.beyond_tolerance),
        "tolerance_persons": policy.tolerance_persons,
        "tolerance_share": _figure(policy.tolerance_share),
        "relatives_missed_per_person": _figure(policy.relatives_missed),
        "relatives_same_district_per_person": _figure(policy.same_district),
    }


def _figure(value: Decimal) -> int | float:
    """A weight has at most four decimals, so that the shortest text of its float is the figure itself."""
    return int(value) if value == value.to_integral_value() else float(value)
