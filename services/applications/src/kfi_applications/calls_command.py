"""``kfi-applications calls load FILE``: calls (Förderaufrufe) from a TOML file with a ``[[call]]`` table each."""

import argparse
import tomllib
from pathlib import Path

from pydantic import ValidationError

from kfi_applications.domain.calls import Call
from kfi_applications.domain.programmes.catalogue import calls_from, demonstration_calls
from kfi_applications.importing import Import, ImportSettings, imported
from kfi_applications.use_cases.import_master_data import import_calls
from kfi_chassis.declaration import Command
from kfi_chassis.settings import ConfigurationError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("what", choices=["load"])
    parser.add_argument("file", nargs="?", type=Path, help="a TOML file; without it the fictitious calls of the demo")


def run(arguments: argparse.Namespace) -> int:
    """Load the file, all of it or nothing; production takes confirmed calls only."""

    def read(settings: ImportSettings) -> Import:
        calls = _calls_of(arguments.file)
        if not settings.in_force and any(call.fictitious for call in calls):
            raise ConfigurationError("Production refuses fictitious calls: name a file with confirmed ones.")
        return lambda work, in_force: import_calls(calls, work, in_force=in_force)

    return imported("calls", read)


def _calls_of(file: Path | None) -> tuple[Call, ...]:
    if file is None:
        return demonstration_calls()
    text = file.read_text(encoding="utf-8")
    try:
        return calls_from(tomllib.loads(text))
    except ValidationError:
        raise
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        told = f"{file} is no file of calls ({error}): it needs a [[call]] table for each, with all fields."
        raise ConfigurationError(told) from None


COMMAND = Command("bring calls in from a file", add_arguments, run)
"""The command as the service's program offers it."""
