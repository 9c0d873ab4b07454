"""The commands that only this service has: ``assess`` a case, ``budget load`` a file."""

import argparse
import sys

from kfi_applications import assess_command, budget_command

_OWN = {"assess", "budget"}


def own_command() -> None:
    """Run one of the own commands and end the process; return when the command line asks for something else."""
    if len(sys.argv) < 2 or sys.argv[1] not in _OWN:
        return
    arguments = _parser().parse_args()
    raise SystemExit(arguments.run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kfi-applications")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    assess = commands.add_parser("assess", help="assess one case and show every step; needs no service")
    assess_command.add_arguments(assess)
    assess.set_defaults(run=assess_command.run)
    budget = commands.add_parser("budget", help="bring budget titles in")
    budget_command.add_arguments(budget)
    budget.set_defaults(run=budget_command.run)
    return parser
