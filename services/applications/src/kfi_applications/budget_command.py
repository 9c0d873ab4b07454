"""``kfi-applications budget load FILE``: the titles of the budget with what their years may hold."""

import argparse
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kfi_applications.importing import Import, imported
from kfi_applications.stated import Statement, Text
from kfi_applications.stated_terms import StatedBudgetPlan, TitleKey
from kfi_applications.use_cases.import_master_data import import_budget
from kfi_chassis.declaration import Command


class Title(StatedBudgetPlan):
    """One title of the budget."""

    key: TitleKey
    source: Text = "the budget file"


class BudgetFile(Statement):
    """The titles to bring in."""

    titles: Annotated[list[Title], Field(min_length=1)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("what", choices=["load"])
    parser.add_argument("file", type=Path, help="a JSON file with titles")


def run(arguments: argparse.Namespace) -> int:
    """Load the file, all of it or nothing."""

    def read(_: object) -> Import:
        titles = BudgetFile.model_validate_json(arguments.file.read_bytes()).titles
        plans = {title.key: title.stated() for title in titles}
        return lambda work, in_force: import_budget(plans, work, in_force=in_force)

    return imported("budget titles", read)


COMMAND = Command("bring budget titles in from a file", add_arguments, run)
"""The command as the service's program offers it."""
