"""A plan: who goes where, what it costs, what is proven about it, and how it was found."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from kfi_allocation.domain import orders_document
from kfi_allocation.domain.cost import exact_number
from kfi_allocation.domain.orders import Orders

FORMAT = "kfi-allocation-plan/1"
OPTIMAL_GAP = Fraction(1, 1000)
GAP_DIGITS = 8


class Status(StrEnum):
    """Optimal means proven within one in a thousand; feasible is a complete plan without that proof."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


class StoppedBy(StrEnum):
    """Why the search ended. A plan stopped by time is not reproducible."""

    PROOF = "proof"
    WORK = "work"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule to relax, in plain words, by how many persons or places, for which households, and who may approve it."""

    rule: str
    relax_by: int
    households: tuple[str, ...]
    text: str
    approved_by: str


@dataclass(frozen=True)
class Certificate:
    """Prices that prove the bound, in whole `1 / price_units` of `unit`.

    `kind` is "town prices" (by AGS) or "household prices" (by household id).
    """

    kind: str
    unit: Fraction
    price_units: int
    prices: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """A plan with exact objective and bound. `conflict` is not empty when no plan exists."""

    status: Status
    assignments: dict[str, str]
    objective: Fraction
    bound: Fraction
    stopped_by: StoppedBy
    seed: int
    work: dict[str, int] = field(default_factory=dict)
    conflict: tuple[Rule, ...] = ()
    certificate: Certificate | None = None

    @property
    def gap(self) -> Fraction:
        """(objective - bound) / objective; 0 when both are 0."""
        return (self.objective - self.bound) / self.objective if self.objective else Fraction(0)

    @property
    def reproducible(self) -> bool:
        """Whether the same input and seed give this plan again."""
        return self.stopped_by is not StoppedBy.TIME


def status_of(objective: Fraction, bound: Fraction) -> Status:
    """Optimal when the proven gap is at most 0.1 %."""
    return Status.OPTIMAL if objective - bound <= OPTIMAL_GAP * objective else Status.FEASIBLE


def as_document(plan: Plan, solver: str, orders: Orders | None = None) -> dict[str, Any]:
    """The plan as a JSON document of the published format, with the proof and the way it was found beside it.

    Cost and bound hold among the plans that keep the orders, so the plan names them where there are any.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "status": plan.status.value,
        "assignments": plan.assignments,
        "objective": _number(exact_number(plan.objective)),
        "bound": _number(exact_number(plan.bound)),
        "gap": round(float(plan.gap), GAP_DIGITS),
        "conflict": [
            {
                "rule": rule.rule,
                "relax_by": rule.relax_by,
                "households": list(rule.households),
                "text": rule.text,
                "approved_by": rule.approved_by,
            }
            for rule in plan.conflict
        ],
        "stopped_by": plan.stopped_by.value,
        "reproducible": plan.reproducible,
        "seed": plan.seed,
        "solver": solver,
        "work": plan.work,
    }
    if orders is not None and (orders.fixed or orders.excluded):
        document["orders"] = orders_document.as_document(orders)
    if plan.certificate is not None:
        document["certificate"] = {
            "kind": plan.certificate.kind,
            "unit": str(plan.certificate.unit),
            "price_units": plan.certificate.price_units,
            "prices": plan.certificate.prices,
        }
    return document


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
