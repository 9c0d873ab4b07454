"""One contestant on one instance, in this process alone: `python -m benchmarks.allocation_round NAME INSTANCE PLAN`

OR-Tools and HiGHS cannot be loaded together, so each contestant imports what it needs and nothing else.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kfi_allocation.domain.instance import Instance
from kfi_allocation.files import read_instance, write_document

Contestant = Callable[[Instance, Callable[[], None]], dict[str, Any]]


def main(name: str, instance: Path, out: Path) -> None:
    """Write the plan; print CPU seconds, peak memory in MiB and the CPU seconds to the first complete plan."""
    read, contestant = read_instance(instance), _ours() if name == "ours" else _peer(name)
    previews: list[float] = []
    cpu = time.process_time()
    plan = contestant(read, lambda: previews.append(time.process_time() - cpu))
    spent = time.process_time() - cpu
    write_document(out, plan)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": spent, "mib": peak, "preview": previews[0] if previews else None}))


def _ours() -> Contestant:
    from kfi_allocation.domain.instance_document import instance_from  # noqa: PLC0415
    from kfi_allocation.domain.plan import as_document  # noqa: PLC0415
    from kfi_allocation.optimiser.solve import solve  # noqa: PLC0415
    from kfi_allocation.synthetic import generate  # noqa: PLC0415

    solve(instance_from(generate(20)))  # loads what is compiled, as a service does once
    return lambda instance, told: as_document(solve(instance, preview=lambda _: told()), "kfi-allocation")


def _peer(name: str) -> Contestant:
    from benchmarks import allocation_greedy  # noqa: PLC0415

    if name == "flow":
        from benchmarks import allocation_flow  # noqa: PLC0415

        return lambda instance, _: {"assignments": allocation_flow.placed(instance)}
    return lambda instance, _: {"assignments": allocation_greedy.placed(instance, by_deficit=name == "deficit")}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
