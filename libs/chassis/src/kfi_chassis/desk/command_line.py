"""The operator's command, in a service's environment.

`kfi dead-letters list|show|replay|discard --service X`, `kfi audit verify --service X`, `kfi restore plan|apply`.
"""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import entry_points
from typing import Any, Final

from kfi_chassis import dead_letters
from kfi_chassis.audit import ChainBroken, verify_all
from kfi_chassis.declaration import Service
from kfi_chassis.desk.display import listing, page
from kfi_chassis.desk.replay import Desk, LetterUnknownError, NotItsTurnError
from kfi_chassis.process import assembled
from kfi_chassis.restore import command_line as restore
from kfi_chassis.settings import ConfigurationError, load_settings
from kfi_chassis.subscriptions import Consumer
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions

SERVICES: Final = "kfi.services"
"""The entry point group in which services are found."""

Action = Callable[[argparse.Namespace, Consumer, Transactions[Any]], Awaitable[int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 done, 1 not done, 2 wrong settings or arguments."""
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_act(options))
    except (LetterUnknownError, NotItsTurnError) as refusal:
        return _say(f"{refusal}\n", 1)
    except ConfigurationError as error:
        return _say(f"{error}\n", 2)
    except Exception as error:
        if not is_outage(error):
            raise
        return _say("The database cannot be reached or used just now; nothing was changed.\n", 1)


async def _act(options: argparse.Namespace) -> int:
    service, consumer = _service(options.service)
    process = assembled(service, load_settings(service.settings_class))
    try:
        if options.room == restore.ROOM:
            return await restore.act(options, process, operator=_user())
        action: Action = options.action
        return await action(options, consumer, process.transactions)
    finally:
        await process.database.engine.dispose()


async def _list(_: argparse.Namespace, consumer: Consumer, transactions: Transactions[Any]) -> int:
    async with transactions.engine.connect() as connection:
        letters = await dead_letters.open_letters(connection, consumer.group)
    sys.stdout.write(listing(letters))
    return 0


async def _show(options: argparse.Namespace, consumer: Consumer, transactions: Transactions[Any]) -> int:
    sys.stdout.write(page(await _desk(consumer, transactions).letter(options.number)))
    return 0


async def _replay(options: argparse.Namespace, consumer: Consumer, transactions: Transactions[Any]) -> int:
    failed = False
    async for attempt in _desk(consumer, transactions).replay(options.number):
        failed = attempt.failure is not None
        sys.stdout.write(f"{attempt.number}: {f'failed again, {attempt.failure}' if failed else 'replayed'}\n")
    return int(failed)


async def _discard(options: argparse.Namespace, consumer: Consumer, transactions: Transactions[Any]) -> int:
    await _desk(consumer, transactions).discard(options.number, options.reason)
    sys.stdout.write(f"{options.number}: discarded\n")
    return 0


async def _verify(_: argparse.Namespace, __: Consumer, transactions: Transactions[Any]) -> int:
    async with transactions.engine.connect() as connection:
        try:
            chains, rows = await verify_all(connection)
        except ChainBroken as broken:
            return _say(f"{broken}\n", 1)
    sys.stdout.write(f"{chains} chains with {rows} rows are whole.\n")
    return 0


def _desk(consumer: Consumer, transactions: Transactions[Any]) -> Desk:
    return Desk(consumer, transactions, operator=f"operator:{_user()}")


def _user() -> str:
    """Who sits at the desk; a container's user may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def _service(name: str) -> tuple[Service[Any, Any], Consumer]:
    found = {point.name: point for point in entry_points(group=SERVICES)}
    if name not in found:
        raise ConfigurationError(
            f"There is no service {name!r} here; choose one of: {', '.join(sorted(found)) or 'none'}."
        )
    service: Service[Any, Any] = found[name].load()
    if service.consumer is None:
        raise ConfigurationError(f"The service {name} takes in no events, so it has no dead letters.")
    return service, service.consumer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kfi", description="Operates KfI services.")
    rooms = parser.add_subparsers(required=True, metavar="COMMAND", dest="room")
    desk = rooms.add_parser("dead-letters", help="events a service could not handle")
    actions = desk.add_subparsers(required=True, metavar="ACTION")
    for name, (action, help_text) in _ACTIONS.items():
        added = actions.add_parser(name, help=help_text, description=help_text)
        added.add_argument("--service", required=True, help="whose letters; its settings come from the environment")
        if name != "list":
            added.add_argument("number", type=int, help="the letter's number in the list")
        if name == "discard":
            added.add_argument("--reason", required=True, type=_reason, help="why; a code or a reference, never a name")
        added.set_defaults(action=action)
    audit = rooms.add_parser("audit", help="the record of every change").add_subparsers(required=True, metavar="ACTION")
    verify = audit.add_parser("verify", help="recompute the chain of every aggregate")
    verify.add_argument("--service", required=True, help="whose record; its settings come from the environment")
    verify.set_defaults(action=_verify)
    restore.add_to(rooms)
    return parser


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say why")
    return text.strip()


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(sentence)
    return code


_ACTIONS: Final[dict[str, tuple[Action, str]]] = {
    "list": (_list, "list the open letters, oldest first"),
    "show": (_show, "show one letter: ids, reason, headers, and the content where it is not sealed"),
    "replay": (_replay, "hand a letter to its handler again, then those that wait behind it"),
    "discard": (_discard, "close a letter without acting on it"),
}


if __name__ == "__main__":
    raise SystemExit(main())
