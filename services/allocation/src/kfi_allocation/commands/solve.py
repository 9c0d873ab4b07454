"""``kfi-allocation solve``: reads, solves, tells the progress, writes the preview and the plan."""

import argparse
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from kfi_allocation.commands.saying import say
from kfi_allocation.domain.instance import Instance
from kfi_allocation.domain.orders import Orders
from kfi_allocation.domain.orders_document import orders_from
from kfi_allocation.domain.plan import Plan, Status, StoppedBy, as_document
from kfi_allocation.exit_codes import INFEASIBLE
from kfi_allocation.files import read_instance, read_json, write_document
from kfi_allocation.optimiser.effort import Effort, Listener, Progress
from kfi_allocation.optimiser.solve import solve

COMPUTING: Final = ("kfi-allocation", "highspy", "numba", "numpy")


def run(parsed: argparse.Namespace) -> int:
    """Solve one instance file; 0 with a plan, 3 when it is infeasible. A preview is written before the search."""

    instance = read_instance(parsed.instance)
    orders = read_orders(parsed.orders, instance)

    def preview(plan: Plan) -> None:
        if parsed.preview:
            write_document(parsed.preview, as_document(plan, solver_version(), orders))

    effort = Effort(seed=parsed.seed, seconds=parsed.seconds)
    plan = solve(instance, effort, listener(tell=parsed.progress), preview=preview, orders=orders)
    write_document(parsed.out, as_document(plan, solver_version(), orders))
    say(_summary(plan))
    return INFEASIBLE if plan.status is Status.INFEASIBLE else 0


def read_orders(path: Path | None, instance: Instance) -> Orders:
    """What people decided before; nothing without a file. Raises DocumentNotReadable."""
    return Orders() if path is None else orders_from(read_json(path), instance)


def listener(*, tell: bool) -> Listener:
    """Tells each step as a line of JSON to standard error, or nothing."""

    def told(progress: Progress) -> None:
        if tell:
            say(json.dumps(_line(progress)), error=True)

    return told


def solver_version() -> str:
    """What a plan names as its solver: the program, and what it computes with; only the same gives the same plan."""
    return ", ".join(f"{name} {_version(name)}" for name in COMPUTING)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _line(progress: Progress) -> dict[str, str | float]:
    return {"stage": progress.stage, "objective": float(progress.objective), "bound": float(progress.bound)}


def _summary(plan: Plan) -> str:
    if plan.status is Status.INFEASIBLE:
        proven = plan.stopped_by is StoppedBy.PROOF
        least = (
            "no fewer rules will do"
            if proven
            else f"not proven to be the fewest: at least {plan.work['rules at least']}"
        )
        return "\n".join([f"infeasible; {least}", *(rule.text for rule in plan.conflict)])
    figures = f"objective {float(plan.objective):.2f} bound {float(plan.bound):.2f} gap {float(plan.gap):.5%}"
    return f"{plan.status} {figures} stopped by {plan.stopped_by}"
