"""``kfi-allocation``: solve an instance, verify a plan, repair one, compare places, make synthetic instances."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from kfi_allocation.commands.saying import say
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.exit_codes import NOT_READABLE
from kfi_allocation.synthetic import SHAPES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 what was checked does not hold, 2 input that cannot be read, 3 infeasible."""
    parsed = _parser().parse_args(arguments)
    try:
        # Only the command that runs is loaded: to check a plan or an account neither solver nor compiler is.
        result: int = import_module(f"kfi_allocation.commands.{parsed.command}").run(parsed)
    except DocumentNotReadable as error:
        for problem in error.problems:
            say(problem, error=True)
        return NOT_READABLE
    except OSError as error:
        say(str(error), error=True)
        return NOT_READABLE
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kfi-allocation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    solve = commands.add_parser("solve", help="find a proven plan")
    solve.add_argument("instance", type=Path)
    _working(solve)
    solve.add_argument("--preview", type=Path, help="write the first complete plan here, then go on")
    solve.add_argument("--progress", action="store_true", help="tell each better plan and bound as a line of JSON")
    verify = commands.add_parser("verify", help="recompute a plan's cost, rules and bound")
    verify.add_argument("instance", type=Path)
    verify.add_argument("plan", type=Path)
    repair = commands.add_parser("repair", help="a plan for the changed instance that moves the fewest households")
    repair.add_argument("instance", type=Path, help="the instance as it is now")
    repair.add_argument("plan", type=Path, help="the plan so far")
    _working(repair)
    repair.add_argument("--exclude", action="append", default=[], metavar="HOUSEHOLD=AGS", help="an objection upheld")
    repair.add_argument("--fix", action="append", default=[], metavar="HOUSEHOLD=AGS", help="a place people decided on")
    compare = commands.add_parser("compare", help="a household's town against its best alternatives, by criterion")
    compare.add_argument("instance", type=Path)
    compare.add_argument("plan", type=Path)
    compare.add_argument("household")
    make = commands.add_parser("generate", help="make a synthetic instance")
    make.add_argument("households", type=int)
    make.add_argument("--shape", choices=list(SHAPES), default="plain")
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--out", type=Path, required=True)
    return parser


def _working(command: argparse.ArgumentParser) -> None:
    """The options of the commands that search."""
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--seconds", type=float, default=120.0, help="safety stop; a plan it ends is not reproducible")


if __name__ == "__main__":
    sys.exit(main())
