"""What the program of a service understands: run, migrate, openapi, version."""

import argparse
import asyncio
import gc
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvloop

from kfi_chassis import logs
from kfi_chassis.declaration import Command, Role, Service
from kfi_chassis.migrate import MigrationRefused, upgrade
from kfi_chassis.process import api_document, run_process
from kfi_chassis.settings import ConfigurationError, MigrationSettings, load_settings
from kfi_chassis.waiting import until

MIGRATION_WAIT_SECONDS = 60.0


def execute(service: Service[Any, Any], arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code: 0 done, 1 failed, 2 wrong settings or arguments."""
    options = _parser(service).parse_args(arguments)
    try:
        return int(options.execute(options))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser(service: Service[Any, Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kfi-{service.name}", description=f"The {service.name} service of KfI.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in {**_standard(service), **service.commands}.items():
        added = commands.add_parser(name, help=command.help, description=command.help)
        command.add_arguments(added)
        added.set_defaults(execute=command.run)
    return parser


def _standard(service: Service[Any, Any]) -> dict[str, Command]:
    roles = [role.value for role in service.roles]

    def of_run(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "roles", nargs="*", metavar="ROLE", help=f"some of {', '.join(roles)}; without, all of them"
        )

    def of_openapi(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the committed one differs")

    def none(_parser: argparse.ArgumentParser) -> None:
        return

    return {
        "run": Command("run the service", of_run, lambda options: _run(service, options.roles)),
        "migrate": Command("bring the database to the newest revision", none, lambda _: _migrate(service)),
        "openapi": Command("write the OpenAPI document", of_openapi, lambda options: _openapi(service, options.check)),
        "version": Command("print the version", none, lambda _: _version(service)),
    }


def spare_the_collector() -> None:
    """Have garbage looked for less often, and not in what the imports made: it cost a consumer a sixth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _run(service: Service[Any, Any], names: Sequence[str]) -> int:
    unknown = set(names) - set(service.roles)
    if unknown:
        raise ConfigurationError(
            f"{service.name} has no role {', '.join(sorted(unknown))}: choose from {', '.join(service.roles)}."
        )
    settings = load_settings(service.settings_class)
    roles = [Role(name) for name in names] or service.roles
    acting = "+".join(role.value for role in roles)
    logs.configure(settings.log_level, service=service.name, instance=settings.instance, roles=acting)
    spare_the_collector()
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    if not runner.run(run_process(service, settings, roles)):
        # Closing the loop would wait for what did not end when it was cancelled. The database rolls it back, the broker
        # delivers it again.
        logging.shutdown()
        os._exit(1)
    runner.close()
    return 0


def _migrate(service: Service[Any, Any]) -> int:
    settings = load_settings(MigrationSettings)
    logs.configure("INFO", service=service.name, roles="migrate")
    try:
        asyncio.run(_migrated(service, settings.migration_url))
    except MigrationRefused as refusal:
        raise ConfigurationError(str(refusal)) from refusal
    logs.event("database_is_current")
    return 0


async def _migrated(service: Service[Any, Any], url: str) -> None:
    async def attempt() -> bool:
        await upgrade(service.migrations, url)
        return True

    if not await until(attempt, waiting_for="database", at_most_seconds=MIGRATION_WAIT_SECONDS):
        raise ConfigurationError("The database cannot be reached: start it, or correct KFI_MIGRATION_URL.")


def _openapi(service: Service[Any, Any], check: bool) -> int:  # noqa: FBT001 - an option of the command line
    path = _home(service) / "openapi.json"
    document = json.dumps(api_document(service), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if not check:
        path.write_text(document, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == document:
        return 0
    sys.stderr.write(f"{path} is not what the code says: run `kfi-{service.name} openapi` and commit the difference.\n")
    return 1


def _home(service: Service[Any, Any]) -> Path:
    """The folder of the service in the repository: src/<package>/ lies in it."""
    spec = importlib.util.find_spec(service.package)
    if spec is None or spec.origin is None:
        raise ConfigurationError(f"The package {service.package} is not installed: install the service first.")
    return Path(spec.origin).resolve().parents[2]


def _version(service: Service[Any, Any]) -> int:
    sys.stdout.write(f"kfi-{service.name} {version(f'kfi-{service.name}')}\n")
    return 0
