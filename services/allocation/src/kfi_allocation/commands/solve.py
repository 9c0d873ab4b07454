"""``kfi-allocation solve``: reads, solves, tells the progress, writes the preview and the plan."""

import argparse
import json
from importlib.metadata import PackageNotFoundError, version

from kfi_allocation.commands.saying import say
from kfi_allocation.domain.plan import Plan, Status, StoppedBy, as_document
from kfi_allocation.exit_codes import INFEASIBLE
from kfi_allocation.files import read_instance, write_document
from kfi_allocation.optimiser.effort import Effort, Progress
from kfi_allocation.optimiser.solve import solve


def run(parsed: argparse.Namespace) -> int:
    """Solve one instance file; 0 with a plan, 3 when it is infeasible. A preview is written before the search."""

    def preview(plan: Plan) -> None:
        if parsed.preview:
            write_document(parsed.preview, as_document(plan, solver_version()))

    def tell(progress: Progress) -> None:
        if parsed.progress:
            say(json.dumps(_line(progress)), error=True)

    effort = Effort(seed=parsed.seed, seconds=parsed.seconds)
    plan = solve(read_instance(parsed.instance), effort, tell, preview=preview)
    write_document(parsed.out, as_document(plan, solver_version()))
    say(_summary(plan))
    return INFEASIBLE if plan.status is Status.INFEASIBLE else 0


def solver_version() -> str:
    """The version that a plan names as its solver."""
    try:
        return f"kfi-allocation {version('kfi-allocation')}"
    except PackageNotFoundError:
        return "kfi-allocation"


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
