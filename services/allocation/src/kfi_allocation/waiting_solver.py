"""A solver that is there before it is needed: it loads what it works with, gets one command on its input, and ends.

`python -m kfi_allocation.waiting_solver` reads one line, the words of `solve` or `repair` as a list of JSON, and does
what that command does. When the line never comes, because whoever would write it is gone, it ends too. With `--load` it
solves a small example first: then no library and no compiled kernel is left to be loaded while somebody waits.
"""

import json
import sys

from kfi_allocation.command import main
from kfi_allocation.domain.instance_document import instance_from
from kfi_allocation.synthetic import generate

_EXAMPLE = 20
LOAD = "--load"


def load() -> None:
    """Use everything once; what a plan is depends on its input alone, so nothing of this is in it."""
    from kfi_allocation.commands import repair, solve  # noqa: F401, PLC0415 - this is what loads them
    from kfi_allocation.optimiser.solve import solve as search  # noqa: PLC0415

    search(instance_from(generate(_EXAMPLE, "plain")))


def wait() -> int:
    """Do what the line says; the exit code of the command, 0 when there is none."""
    line = sys.stdin.readline()
    return main(json.loads(line)) if line.endswith("\n") else 0


if __name__ == "__main__":
    if LOAD in sys.argv[1:]:
        load()
    sys.exit(wait())
