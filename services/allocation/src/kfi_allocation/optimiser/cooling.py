"""Drives the local search: from the rounded optimum through plans slightly above a capacity to sound ones."""

from collections.abc import Iterator

from kfi_allocation.optimiser.anneal import Choices, anneal
from kfi_allocation.optimiser.effort import Effort, Heat
from kfi_allocation.optimiser.rounding import rounded_plan
from kfi_allocation.optimiser.soft import keeps_capacity, softened
from kfi_allocation.optimiser.transport import Pooled
from kfi_allocation.proof.model import NO_PLACE, Floats, Ints, Model

STEEPNESS = 1.5  # of the steepest price: what a person above a capacity costs while searching
DEARER = (4.0, 16.0)  # how much more they cost when some are left
LAST = Heat(300.0, 20.0, 0.3)


def steep(model: Model, pooled: Pooled) -> float:
    """A price per person, in units, above every price that the towns or their capacities have."""
    return STEEPNESS * max(float(model.steepest), float(pooled.price.max()), 1.0)


class Cooling:
    """A search that goes on where its last cooling ended."""

    def __init__(self, model: Model, pooled: Pooled, unit: float, effort: Effort) -> None:
        self.model, self.pooled, self.unit, self.effort = model, pooled, unit, effort
        self.per_person = steep(model, pooled)
        self.moves = min(effort.moves, effort.moves_per_household * len(model.kind))

    def plans(self, starts: list[Ints], reduced: Floats, heats: tuple[Heat, ...]) -> Iterator[Ints]:
        """The plan after each cooling, from the best start; it may still be above a capacity."""
        soft = softened(self.model, self.per_person)
        complete = [start for start in (*starts, rounded_plan(soft, self.pooled)) if not (start < 0).any()]
        place = min(complete, key=soft.units)
        for number, heat in enumerate(heats):
            place = self._cooled(soft, place, reduced, heat, self.moves, self.effort.seed + number)
            if not keeps_capacity(self.model, place):
                place = self._within_capacity(place)
            yield place

    def _within_capacity(self, place: Ints) -> Ints:
        """The plan after searches in which persons above a capacity cost more and more."""
        for factor in DEARER:
            soft = softened(self.model, self.per_person * factor)
            reduced = self.pooled.reduced(self.model)
            place = self._cooled(soft, place, reduced, LAST, self.moves // 2, self.effort.seed)
            if keeps_capacity(self.model, place):
                break
        return place

    def _cooled(self, soft: Model, place: Ints, reduced: Floats, heat: Heat, moves: int, seed: int) -> Ints:
        choices = Choices.near(reduced, heat.limit * self.unit, self.model.cost < NO_PLACE)
        return anneal(soft, place, choices, moves, (heat.first * self.unit, heat.last * self.unit), seed)
