"""``kfi-applications budget load FILE``: the titles of the budget with what their years may hold."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kfi_applications.domain.budget import BudgetYear
from kfi_applications.domain.errors import RuleBroken
from kfi_applications.stated import Statement, Text
from kfi_applications.use_cases.load_budget import PlannedTitle, load_budget
from kfi_applications.works import ApplicationsWork
from kfi_chassis.clock import BerlinCalendar, SystemClock
from kfi_chassis.database import create_engine
from kfi_chassis.declaration import Command
from kfi_chassis.identity import SYSTEM
from kfi_chassis.settings import ENV_PREFIX, ConfigurationError, DatabaseUrl, load_settings
from kfi_chassis.work import Transactions
from kfi_contracts.money import Money


class PlannedYear(Statement):
    """What one year of a title may hold, in EUR."""

    year: Annotated[int, Field(ge=2000, le=2099)]
    appropriation: Money
    commitment_authorisation: Money


class Title(Statement):
    """One title of the budget."""

    key: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,50}$")]
    name: Text
    years: Annotated[list[PlannedYear], Field(min_length=1)]

    def planned(self) -> PlannedTitle:
        """The title for the use case."""
        years = {part.year: BudgetYear(part.appropriation, part.commitment_authorisation) for part in self.years}
        return PlannedTitle(self.key, self.name, years)


class BudgetFile(Statement):
    """The titles to bring in."""

    titles: Annotated[list[Title], Field(min_length=1)]


class DatabaseSettings(BaseSettings):
    """All that the command needs: the database of the service."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("what", choices=["load"])
    parser.add_argument("file", type=Path, help="a JSON file with titles")


def run(arguments: argparse.Namespace) -> int:
    """Load the file, all of it or nothing; 0 when it is loaded, 1 when a rule stops it, 2 when it cannot be read."""
    try:
        titles = tuple(title.planned() for title in BudgetFile.model_validate_json(arguments.file.read_bytes()).titles)
        loaded = asyncio.run(_load(titles, load_settings(DatabaseSettings).database_url))
    except OSError as error:
        return _fail(f"{arguments.file}: {error.strerror}. Name a file that can be read.", 2)
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}. Correct it." for each in error.errors())
        return _fail("\n".join(lines), 2)
    except ConfigurationError as error:
        return _fail(str(error), 2)
    except RuleBroken as error:
        return _fail(f"{error.detail} {error.fix}", 1)
    sys.stdout.write(f"{loaded} budget titles are loaded.\n")
    return 0


async def _load(titles: tuple[PlannedTitle, ...], database_url: str) -> int:
    clock = SystemClock()
    engine = create_engine(database_url, pool_size=1)
    try:
        transactions = Transactions(engine, ApplicationsWork, clock=clock, calendar=BerlinCalendar(clock))
        return await transactions.run(lambda work: load_budget(titles, work), actor=SYSTEM("applications"))
    finally:
        await engine.dispose()


def _fail(message: str, status: int) -> int:
    sys.stderr.write(message + "\n")
    return status


COMMAND = Command("bring budget titles in from a file", add_arguments, run)
"""The command as the service's program offers it."""
