"""Allocation beside its peers: `python -m benchmarks.allocation`

The same instances for all: greedy by the largest deficit, greedy by the least added cost, min-cost flow over persons
with rounding (OR-Tools), and ours. Each works in a process of its own, in CPU seconds; loading and reading are not
counted. Every plan is checked and priced by the published formula; every gap is against the bound that ours proves.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kfi_allocation.domain.cost import Scale, plan_units
from kfi_allocation.domain.instance import Instance
from kfi_allocation.files import read_instance, read_json, write_document
from kfi_allocation.proof.verifying import verify
from kfi_allocation.synthetic import SHAPES, generate

RESULTS: Final = Path(__file__).parent.parent / ".benchmarks"
CONTESTANTS: Final = ("deficit", "marginal", "flow", "ours")
SIZES: Final = (100, 1_000, 10_000, 50_000)
SECONDS: Final = 300
HEAD: Final = "households  method          cost  times ours     gap %    CPU s     MiB  preview s"


@dataclass(frozen=True)
class Row:
    """A contestant at one size: cost, cost over ours, gap in percent, work; None where it has no plan."""

    households: int
    method: str
    cost: float | None
    ratio: float | None
    gap: float | None
    cpu: float
    mib: float
    preview: float | None
    problems: int


def main() -> None:
    """Print the table and keep it under .benchmarks/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--shape", choices=list(SHAPES), default="plain")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    _run("ours", *_instance(30, options.shape, options.seed))  # compiles once on a machine
    rows = []
    print(HEAD)
    for size in options.sizes:
        of_size = compared(size, options.shape, options.seed)
        rows += of_size
        print("\n".join(map(_line, of_size)), flush=True)
    RESULTS.mkdir(exist_ok=True)
    name = f"allocation-{options.shape}-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    (RESULTS / name).write_text(json.dumps([asdict(row) for row in rows], indent=2))


def compared(size: int, shape: str, seed: int) -> list[Row]:
    """All contestants on one instance, ours first: the others' gap is taken against its bound."""
    path, out = _instance(size, shape, seed)
    instance = read_instance(path)
    found = {name: _run(name, path, out) for name in reversed(CONTESTANTS)}
    ours = found["ours"]["plan"]
    return [_row(name, instance, found[name], ours) for name in CONTESTANTS]


def _instance(size: int, shape: str, seed: int) -> tuple[Path, Path]:
    folder = Path(tempfile.gettempdir()) / "kfi-benchmark-allocation"
    folder.mkdir(exist_ok=True)
    path = folder / f"{shape}-{size}-{seed}.json"
    write_document(path, generate(size, shape, seed))
    return path, folder / "plan.json"


def _run(name: str, instance: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.allocation_round", name, str(instance), str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603 - our own module
    figures: dict[str, Any] = json.loads(ended.stdout)
    return figures | {"plan": read_json(out)}


def _row(name: str, instance: Instance, found: dict[str, Any], ours: dict[str, Any]) -> Row:
    work = (found["cpu"], found["mib"], found["preview"])
    places, bound = found["plan"]["assignments"], float(ours["bound"])
    if len(places) < len(instance.households):
        return Row(len(instance.households), name, None, None, None, *work, len(instance.households) - len(places))
    cost = float(Scale.of(instance.policy).amount(plan_units(instance, places)))
    problems = verify(instance, ours | {"assignments": places}).problems
    broken = [problem for problem in problems if not problem.startswith(("objective", "gap", "status"))]
    gap = 100 * (cost - bound) / cost if cost else 0.0
    return Row(len(instance.households), name, cost, cost / float(ours["objective"]), gap, *work, len(broken))


def _line(row: Row) -> str:
    cost = "no plan" if row.cost is None else f"{row.cost:.0f}"
    ratio = "-" if row.ratio is None else f"{row.ratio:.4f}"
    gap = "-" if row.gap is None else f"{row.gap:.4f}"
    preview = "-" if row.preview is None else f"{row.preview:.2f}"
    broken = f"  {row.problems} households without a place, or rules broken" if row.problems else ""
    return (
        f"{row.households:>10}  {row.method:9}  {cost:>9}  {ratio:>10}  {gap:>8}  {row.cpu:>7.2f}  {row.mib:>6.0f}"
        f"  {preview:>9}{broken}"
    )


if __name__ == "__main__":
    main()
