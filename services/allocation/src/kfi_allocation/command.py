"""What of ``kfi-allocation`` works from files alone: plans are solved, proven, repaired, signed; the quota account.

Neither chassis nor database is loaded for these commands, and of solver and compiler only what the command needs. The
doorkeeper loads what it needs and no interface for requests. All other commands are the service's.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from kfi_allocation.commands.saying import say
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.exit_codes import NOT_READABLE
from kfi_allocation.synthetic import SHAPES
from kfi_law.municipalities import Basis


class Offline(NamedTuple):
    """A command that works from files alone."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 what was checked does not hold, 2 input that cannot be read, 3 infeasible."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] and words[0] in OFFLINE:
        return run_offline(words[0], _parser(words[0]).parse_args(words[1:]))
    if words[:1] and words[0] in OF_THE_DOORKEEPER:
        doorkeeper = import_module("kfi_allocation.doorkeeper_command")
        kept: int = doorkeeper.run(words)
        return kept
    service = import_module("kfi_allocation.main")
    result: int = service.run(words)
    return result


def run_offline(name: str, parsed: argparse.Namespace) -> int:
    """Run a command that works from files; what cannot be read is told, line by line."""
    try:
        # Only the command that runs is loaded: to check a plan or an account neither solver nor compiler is.
        result: int = import_module(f"kfi_allocation.commands.{name}").run(parsed)
    except DocumentNotReadable as error:
        for problem in error.problems:
            say(problem, error=True)
        return NOT_READABLE
    except OSError as error:
        say(str(error), error=True)
        return NOT_READABLE
    return result


def _parser(name: str) -> argparse.ArgumentParser:
    command = OFFLINE[name]
    parser = argparse.ArgumentParser(prog=f"kfi-allocation {name}", description=command.help)
    command.add_arguments(parser)
    return parser


def _solve(solve: argparse.ArgumentParser) -> None:
    solve.add_argument("instance", type=Path)
    _working(solve)
    solve.add_argument("--preview", type=Path, help="write the first complete plan here, then go on")


def _verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("instance", type=Path)
    verify.add_argument("plan", type=Path)


def _repair(repair: argparse.ArgumentParser) -> None:
    repair.add_argument("instance", type=Path, help="the instance as it is now")
    repair.add_argument("plan", type=Path, help="the plan so far")
    _working(repair)
    repair.add_argument("--exclude", action="append", default=[], metavar="HOUSEHOLD=AGS", help="an objection upheld")
    repair.add_argument("--fix", action="append", default=[], metavar="HOUSEHOLD=AGS", help="a place people decided on")


def _compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("instance", type=Path)
    compare.add_argument("plan", type=Path)
    compare.add_argument("household")


def _generate(make: argparse.ArgumentParser) -> None:
    make.add_argument("households", type=int)
    make.add_argument("--shape", choices=list(SHAPES), default="plain")
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--out", type=Path, required=True)


def _account(account: argparse.ArgumentParser) -> None:
    actions = account.add_subparsers(dest="action", required=True)
    recompute = actions.add_parser("recompute", help="duty, what counts, fulfilment and target of every municipality")
    what_if = actions.add_parser("what-if", help="the same with another policy, more intake, or others announced")
    for command in (recompute, what_if):
        command.add_argument("file", type=Path)
        command.add_argument("--town", metavar="AGS", help="this municipality alone, with every entry of its account")
        command.add_argument("--json", action="store_true", help="with exact fractions")
    what_if.add_argument("--policy", metavar="VERSION")
    what_if.add_argument("--announced", type=_persons, metavar="PERSONS")
    what_if.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD")
    what_if.add_argument("--intake", action="append", default=[], metavar="AGS=PERSONS", help="as if it took them")
    extract = actions.add_parser("extract", help="what a municipality gets: its own entries, the sums of the others")
    extract.add_argument("file", type=Path)
    extract.add_argument("--town", required=True, metavar="AGS")
    extract.add_argument("--out", type=Path, required=True)
    begin = actions.add_parser("open", help="an empty account on the register's newest series")
    begin.add_argument("--out", type=Path, required=True)
    begin.add_argument("--as-of", type=_day, required=True, metavar="YYYY-MM-DD")
    begin.add_argument("--basis", choices=[str(basis) for basis in Basis], default=str(Basis.CENSUS_2022))
    begin.add_argument("--policy", default="population-2026", metavar="VERSION")


def _certificate(certificate: argparse.ArgumentParser) -> None:
    actions = certificate.add_subparsers(dest="action", required=True)
    keys = actions.add_parser("keys", help="make the key that signs and the secret of the salts; tells the public key")
    keys.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    sign = actions.add_parser("sign", help="sign a sound plan")
    extract = actions.add_parser("extract", help="what a municipality gets: its figures and placements with proofs")
    audit = actions.add_parser("audit", help="recompute everything from the whole instance")
    for command in (sign, extract, audit):
        command.add_argument("instance", type=Path)
        command.add_argument("plan", type=Path)
        command.add_argument("--keys", type=Path, required=True, metavar="FOLDER")
    sign.add_argument("--policy", required=True, metavar="VERSION", help="by which the instance was made")
    for command in (extract, audit):
        command.add_argument("certificate", type=Path)
    extract.add_argument("--town", required=True, metavar="AGS")
    for command in (sign, extract):
        command.add_argument("--out", type=Path, required=True)
    verify = actions.add_parser("verify", help="check a municipality's part; needs nothing but the public key")
    verify.add_argument("part", type=Path)
    for command in (verify, audit):
        command.add_argument("--public-key", required=True, metavar="HEX")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a day of the calendar as YYYY-MM-DD, such as 2026-03-09.") from None


def _persons(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError("give a number of persons from 0.")
    return int(text)


def _working(command: argparse.ArgumentParser) -> None:
    """The options of the commands that search."""
    command.add_argument("--out", type=Path, required=True)
    command.add_argument("--orders", type=Path, help="what people decided before: places that are fixed or excluded")
    command.add_argument("--progress", action="store_true", help="tell each better plan and bound as a line of JSON")
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--seconds", type=float, default=120.0, help="safety stop; a plan it ends is not reproducible")


OFFLINE: Final[Mapping[str, Offline]] = {
    "solve": Offline("find a proven plan", _solve),
    "verify": Offline("recompute a plan's cost, rules and bound", _verify),
    "repair": Offline("a plan for the changed instance that moves the fewest households", _repair),
    "compare": Offline("a household's town against its best alternatives, by criterion", _compare),
    "generate": Offline("make a synthetic instance", _generate),
    "certificate": Offline("sign a plan; a municipality checks its part offline", _certificate),
    "account": Offline("the quota account: recompute it, ask what if", _account),
}
"""The commands that need no service, by name."""

OF_THE_DOORKEEPER: Final = ("doorkeeper", "doorkeeper-key")

if __name__ == "__main__":
    sys.exit(main())
