"""From an instance to a proven plan. Work is counted, never timed: same instance and seed, same plan.

Ties are broken by the order of the file: households of one class are interchangeable, and the first of them in the
file gets the first town in the file.
"""

from collections.abc import Callable
from fractions import Fraction
from time import monotonic

import numpy as np

from kfi_allocation.domain.cost import Scale
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.plan import OPTIMAL_GAP, Plan, Status, StoppedBy, status_of
from kfi_allocation.optimiser.conflict import Feasibility, feasibility
from kfi_allocation.optimiser.cooling import Cooling, steep
from kfi_allocation.optimiser.dive import Dive
from kfi_allocation.optimiser.effort import (
    FEW_HOUSEHOLDS,
    MANY_HOUSEHOLDS,
    SOME_HOUSEHOLDS,
    Effort,
    Heat,
    Listener,
    Progress,
)
from kfi_allocation.optimiser.master import Master
from kfi_allocation.optimiser.neighbourhood import Neighbourhoods, placed
from kfi_allocation.optimiser.patterns import reduced_costs
from kfi_allocation.optimiser.rounding import completed, greedy_plan, rounded_plan
from kfi_allocation.optimiser.soft import keeps_capacity, softened
from kfi_allocation.optimiser.transport import Pooled, solve_pooled
from kfi_allocation.proof.model import Floats, Ints, build
from kfi_allocation.proof.proving import Proof, household_proof, town_proof

USUAL_STEEPEST = 300  # the steepest price per person of the usual weights
TOLERANCE = 3e-5  # how close household prices come to the best bound they can prove
Preview = Callable[[Plan], None]


def solve(
    instance: Instance,
    effort: Effort | None = None,
    listen: Listener | None = None,
    preview: Preview | None = None,
    orders: Orders | None = None,
) -> Plan:
    """The best plan found within the effort, with its proven bound, or the rules to relax when there is none.

    `preview` gets the first complete plan at once. `listen` is told each step; what it raises ends the run.
    """
    run = _Run(instance, effort or Effort(), listen or (lambda _: None), preview, orders or Orders())
    return run.plan()


class _Run:
    def __init__(
        self, instance: Instance, effort: Effort, listen: Listener, preview: Preview | None, orders: Orders
    ) -> None:
        self.instance, self.effort, self.listen, self.orders = instance, effort, listen, orders
        self.preview = preview
        self.scale = Scale.of(instance.policy)
        self.model = build(instance, self.scale, orders)
        self.unit = max(self.model.steepest, 1) / USUAL_STEEPEST
        self.until = monotonic() + effort.seconds
        self.work: dict[str, int] = {}
        self.place = np.empty(0, np.int64)
        self.start = np.empty(0, np.int64)
        self.proof = town_proof(instance, self.model, self.scale, np.zeros(self.model.towns))
        self.late = False

    def plan(self) -> Plan:
        if not len(self.model.kind):
            return self._finished()
        self.place = greedy_plan(self.model)
        if (self.place < 0).any():
            found = feasibility(self.instance, self.orders)
            if found.conflict:
                return self._infeasible(found)
            self.place = found.place
        self._tell("first plan")
        if self.preview:
            self.preview(self._finished())
        pooled = solve_pooled(self.model)
        self._prove(town_proof(self.instance, self.model, self.scale, pooled.price))
        self._take(rounded_plan(self.model, pooled))
        self._tell("pooled bound")
        self._search(pooled)
        return self._finished()

    def _search(self, pooled: Pooled) -> None:
        """Prices for the households of a small run, then local search, then one part after the other."""
        paid = self.model.cost + self.model.size[:, None] * pooled.price
        price, reduced = paid.min(axis=1), pooled.reduced(self.model)
        heats: tuple[Heat, ...] = MANY_HOUSEHOLDS
        if len(self.model.kind) <= self.effort.patterns_up_to:
            master = Master(self.model, price, self.unit)
            master.converge(self.effort.columns, TOLERANCE, self._out_of_time)
            self.work["column rounds"] = master.rounds
            self._prove(household_proof(self.instance, self.model, self.scale, master.price))
            self._tell("household prices")
            price, reduced = master.price, reduced_costs(self.model, master.price)
            heats = FEW_HOUSEHOLDS if len(self.model.kind) <= self.effort.whole_up_to else SOME_HOUSEHOLDS
            if not self.late:
                self._settle(master, pooled, reduced)
        self._cool(pooled, reduced, heats)
        near = Neighbourhoods(self.model, price, reduced, self.unit, self.effort.seed)
        few = len(self.model.kind) <= self.effort.patterns_up_to
        for number in range(self.effort.parts if few else self.effort.parts // 8):
            if self._done():
                return
            self._take(near.improved(self.place))
            self.work["parts"] = number + 1
            self._tell("parts")

    def _cool(self, pooled: Pooled, reduced: Floats, heats: tuple[Heat, ...]) -> None:
        cooling = Cooling(self.model, pooled, self.unit, self.effort)
        starts = [self.place, self.start] if len(self.start) else [self.place]
        plans = cooling.plans(starts, reduced, heats)
        while not self._done() and (place := next(plans, None)) is not None:
            self._take(place)
            self.work["moves"] = self.work.get("moves", 0) + cooling.moves
            self._tell("local search")

    def _settle(self, master: Master, pooled: Pooled, reduced: Floats) -> None:
        """For few households the patterns known are mostly whole at once; for more a dive makes them so."""
        if len(self.model.kind) <= self.effort.whole_up_to:
            limit = float(np.quantile(reduced[np.isfinite(reduced)], 0.05)) + 100 * self.unit
            chosen = master.whole(limit, self.effort.nodes, -np.inf) or []
        else:
            dive = Dive(master, self.unit)
            chosen = dive.chosen()
            self.work["dive programs"] = dive.solved
        place = placed(self.model, chosen, np.arange(self.model.towns))
        self.start = completed(softened(self.model, steep(self.model, pooled)), place)
        self._take(self.start)
        self._tell("whole patterns")

    def _take(self, place: Ints) -> None:
        if keeps_capacity(self.model, place) and self.model.units(place) <= self.model.units(self.place):
            self.place = place

    def _done(self) -> bool:
        units = self.model.units(self.place)
        if units - self.proof.bound <= self.effort.gap * units:
            return True
        return self._out_of_time()

    def _out_of_time(self) -> bool:
        """Whether the safety stop ends the search; once it did, the plan is not called reproducible."""
        self.late = self.late or monotonic() > self.until
        return self.late

    def _tell(self, stage: str) -> None:
        amount = self.scale.amount
        self.listen(Progress(stage, amount(self.model.units(self.place)), amount(self.proof.bound)))

    def _prove(self, proof: Proof) -> None:
        if proof.bound > self.proof.bound:
            self.proof = proof

    def _finished(self) -> Plan:
        objective = self.scale.amount(self.model.units(self.place))
        bound = self.scale.amount(self.proof.bound)
        status = status_of(objective, bound)
        stopped = StoppedBy.TIME if self.late else StoppedBy.WORK
        if not self.late and objective - bound <= OPTIMAL_GAP * objective:
            stopped = StoppedBy.PROOF
        towns = self.instance.municipalities
        assignments = {home.id: towns[t].ags for home, t in zip(self.instance.households, self._tidy(), strict=True)}
        return Plan(
            status, assignments, objective, bound, stopped, self.effort.seed, self.work, (), self.proof.certificate
        )

    def _tidy(self) -> Ints:
        """The plan with ties broken: in each class the first household of the file gets the first town."""
        place = self.place.copy()
        by_town = np.lexsort((place, self.model.kind))
        in_file = np.lexsort((np.arange(len(place)), self.model.kind))
        place[in_file] = self.place[by_town]
        return place

    def _infeasible(self, found: Feasibility) -> Plan:
        """No plan; the work tells how many rules must be relaxed at least, as far as that was proven."""
        work, none = {"rules at least": found.fewest}, Fraction(0)
        stopped = StoppedBy.PROOF if found.proven else StoppedBy.WORK
        return Plan(Status.INFEASIBLE, {}, none, none, stopped, self.effort.seed, work, found.conflict)
