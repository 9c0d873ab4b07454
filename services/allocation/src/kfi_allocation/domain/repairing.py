"""What a repair is about: the households of an accepted run as they are placed now, and what changed around them.

Targets and weights stay those of the accepted run. A town can take what it still has and those of the run who are
placed there already; where a new stop is, only those stay whose placement is settled. A flat that is reserved for a
household counts for it as an offer; when it is lost, the offer is gone.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kfi_allocation.domain.fitting import FitWeights
from kfi_allocation.domain.freezing import Circumstances, Closing, FrozenInput, TownFacts, Waiting
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.placement_record import RevisionReason

HUNDRED: Final = 100
REASONS: Final[Mapping[str, RevisionReason]] = {
    "the objection to this place was upheld": RevisionReason.OBJECTION_UPHELD,
    "a planner decided on the place": RevisionReason.OVERRIDDEN,
    "the town has a reception stop": RevisionReason.RECEPTION_STOPPED,
    "the town no longer offers what the household needs": RevisionReason.OFFER_LOST,
    "makes room so that all households have a place": RevisionReason.CAPACITY_CHANGED,
}
"""What the optimiser says of a move, in the codes of a revision."""


_STOP: Final = "the town has a reception stop"
_ROOM: Final = "makes room so that all households have a place"


def why_moved(move: Mapping[str, Any], frozen: FrozenInput) -> str:
    """The optimiser's reason; where a stop leaves places to the settled alone, the stop is the reason of the others."""
    reason, origin = str(move["reason"]), move["from"]
    stopped = origin is not None and frozen.closing(str(origin)) is Closing.STOPPED
    return _STOP if reason == _ROOM and stopped else reason


@dataclass(frozen=True, slots=True)
class Placed:
    """A household of the run that is to come: where, whether that is settled, and for which needs it has a flat."""

    home: Waiting
    ags: str
    settled: bool = False
    flat_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TownNow:
    """A town today: what it can take beside those who are placed there, whether it is stopped, what it offers."""

    capacity_left: int
    stopped: bool
    offers: frozenset[str]


def repair_of(
    accepted: FrozenInput,
    placed: Sequence[Placed],
    towns: Mapping[str, TownNow],
    *,
    on: date,
    fit: FitWeights,
    orders: Orders,
    released: AbstractSet[str] = frozenset(),
) -> Circumstances:
    """The circumstances of the repair; `released` are settled households that people allow to move."""
    staying = {one.home.id: one.ags for one in placed if one.settled and one.home.id not in released}
    fixed = {**staying, **orders.fixed}
    return Circumstances(
        on=on,
        policy_version=str(accepted.document["policy_version"]),
        weights=accepted.instance.policy,
        fit=fit,
        towns=[
            _town(town.ags, int(town.target * HUNDRED), [one for one in placed if one.ags == town.ags], towns, fixed)
            for town in accepted.instance.municipalities
        ],
        households=[one.home for one in placed],
        orders=Orders(fixed, {home: those for home, those in orders.excluded.items() if home not in staying}),
        kept={one.home.id: one.ags for one in placed},
        released=released,
        seed=int(accepted.document["seed"]),
    )


def _town(
    ags: str, target: int, there: Sequence[Placed], towns: Mapping[str, TownNow], fixed: Mapping[str, str]
) -> TownFacts:
    now = towns.get(ags, TownNow(0, stopped=True, offers=frozenset()))
    offers = now.offers.union(*(one.flat_for for one in there))
    if now.stopped:
        stay = sum(one.home.persons for one in there if fixed.get(one.home.id) == ags)
        return TownFacts(ags, target, stay, offers, settled_only=True)
    return TownFacts(ags, target, now.capacity_left + sum(one.home.persons for one in there), offers)
