"""The outlook of all towns is computed anew as soon as something it depends on has changed, and once a day."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from kfi_allocation.domain.freezing import Circumstances
from kfi_allocation.domain.outlook.expected import Placed
from kfi_allocation.domain.outlook.forecast import METHOD, PROMISED, Announced, TownOutlook, outlook
from kfi_allocation.domain.outlook.from_circumstances import Arriving, expected_of, towns_of, weights_of
from kfi_allocation.domain.refusals import NoPolicyInForce
from kfi_allocation.outlook_inputs import Ahead
from kfi_allocation.outlooks import Basis
from kfi_allocation.use_cases.circumstances import circumstances_of
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions

OUTLOOK: Final = "outlook"
"""The name of the worker's step; whoever changes what it depends on may wake it."""
_SELF: Final = SYSTEM("allocation")


@dataclass(frozen=True)
class Gathered:
    """What goes into the outlooks of a day."""

    given: Circumstances
    ahead: Ahead

    @property
    def digest(self) -> str:
        """SHA-256 of all that goes in; the order of nothing makes a difference."""
        towns = [[town.ags, town.target, town.capacity, sorted(town.offers)] for town in towns_of(self.given)]
        said = [self.given.on, self.given.weights, self.given.fit, METHOD, PROMISED, self.ahead.falls_out]
        orders = self.given.orders
        homes = [
            [*_open_facts(home), orders.fixed.get(str(home.id)), sorted(orders.excluded.get(str(home.id), ()))]
            for home in self.ahead.waiting
        ]
        content = [said, towns, sorted(homes, key=str), sorted(map(_placed_facts, self.ahead.placed), key=str)]
        return sha256(json.dumps(content, default=str).encode()).hexdigest()

    def computed(self) -> list[TownOutlook]:
        """The outlooks. Takes seconds of a core where hundreds of households wait."""
        arriving = {str(home.id): Arriving(home.school_children, home.arrival_on) for home in self.ahead.waiting}
        expected = expected_of(self.given, arriving)
        announced = Announced(self.given.on, expected, self.ahead.placed, self.ahead.falls_out)
        return outlook(announced, towns_of(self.given), weights_of(self.given))


async def compute_when_changed(transactions: Transactions[AllocationWork]) -> int:
    """Compute and store all outlooks, unless they are of this day and nothing has changed; how many towns are told."""
    gathered = await transactions.run(_gather, actor=_SELF)
    if gathered is None:
        return 0
    computed = await asyncio.to_thread(gathered.computed)
    return await transactions.run(lambda work: _store(gathered, computed, work), actor=_SELF)


async def _gather(work: AllocationWork) -> Gathered | None:
    ahead = await work.outlook_inputs.ahead()
    try:
        given = await circumstances_of(ahead.waiting, {}, 1, work)
    except NoPolicyInForce:
        return None
    gathered, stored = Gathered(given, ahead), await work.outlooks.basis()
    return None if stored is not None and stored.digest == gathered.digest else gathered


async def _store(gathered: Gathered, computed: Sequence[TownOutlook], work: AllocationWork) -> int:
    given = gathered.given
    basis = Basis(given.on, work.clock.now(), given.policy_version, METHOD, gathered.digest)
    return await work.outlooks.store(computed, basis)


def _open_facts(home: Any) -> list[Any]:
    names = ("id", "persons", "school_children", "relatives_in", "must_join", "arrival_on", "languages", "wishes")
    return [*(getattr(home, name) for name in names), sorted(home.needs)]


def _placed_facts(placed: Placed) -> list[Any]:
    return [asdict(placed.figures), placed.ags, placed.arrival_on]
