"""The operator's command, in a service's environment.

`kfi dead-letters list|show|replay|replay-all|discard`, `kfi parked-events list|release|discard`, `kfi audit verify`,
each with `--service X`; `kfi restore plan|apply`.
"""

import argparse
import asyncio
import getpass
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, Final

from kfi_chassis.declaration import Service
from kfi_chassis.desk import commands
from kfi_chassis.desk.commands import Action, Sitting
from kfi_chassis.desk.parked_events import EventNotParkedError
from kfi_chassis.desk.replay import REASON, LetterUnknownError, NotACodeError, NotItsTurnError
from kfi_chassis.process import assembled
from kfi_chassis.redaction import described
from kfi_chassis.restore import command_line as restore
from kfi_chassis.settings import ConfigurationError, load_settings
from kfi_chassis.subscriptions import Consumer
from kfi_chassis.transient import is_outage

SERVICES: Final = "kfi.services"
"""The entry point group in which services are found."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 done, 1 not done, 2 wrong settings or arguments."""
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_act(options))
    except (LetterUnknownError, NotItsTurnError, EventNotParkedError) as refusal:
        return _say(f"{refusal}\n", 1)
    except ConfigurationError as error:
        return _say(f"{error}\n", 2)
    except Exception as error:  # noqa: BLE001 - its message may quote rows, so nothing prints it
        if is_outage(error):
            return _say("The database cannot be reached or used just now; nothing was changed.\n", 1)
        return _say(f"A fault of the program, which is to be reported: {described(error)}\n", 1)


async def _act(options: argparse.Namespace) -> int:
    service, consumer = _service(options.service)
    process = assembled(service, load_settings(service.settings_class))
    try:
        if options.room == restore.ROOM:
            return await restore.act(options, process, operator=_user())
        action: Action = options.action
        return await action(options, Sitting(consumer, process.transactions, service.reasons, _user()))
    finally:
        await process.database.engine.dispose()


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
    _room(rooms, "dead-letters", "events a service could not handle", _LETTERS)
    _room(rooms, "parked-events", "events of a service that the broker refuses", _EVENTS)
    _room(rooms, "audit", "the record of every change", _AUDIT)
    restore.add_to(rooms)
    return parser


def _room(rooms: Any, name: str, help_text: str, actions: Mapping[str, tuple[Action, str]]) -> None:
    """The commands of one kind: which of them take a number, and which a reason, is the same everywhere."""
    added = rooms.add_parser(name, help=help_text).add_subparsers(required=True, metavar="ACTION")
    for action_name, (action, told) in actions.items():
        one = added.add_parser(action_name, help=told, description=told)
        one.add_argument("--service", required=True, help="whose; its settings come from the environment")
        if action_name == "replay-all":
            one.add_argument("parked_for", help="the reason in the list, whole or its part before the colon")
        elif action_name not in {"list", "verify"}:
            one.add_argument("number", type=int, help="the number in the list")
        if action_name in {"discard", "release"}:
            one.add_argument("--reason", required=True, type=_reason, help="why; a code or a reference, never a name")
        elif action_name in {"replay", "replay-all"}:
            one.add_argument("--reason", default=commands.BY_COMMAND, type=_reason, help="why; a code or a reference")
        one.set_defaults(action=action)


def _reason(text: str) -> str:
    if not re.fullmatch(REASON, text):
        raise argparse.ArgumentTypeError(str(NotACodeError()))
    return text


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(sentence)
    return code


_LETTERS: Final[Mapping[str, tuple[Action, str]]] = {
    "list": (commands.list_letters, "list the open letters, oldest first"),
    "show": (commands.show_letter, "show one letter: why it was parked, what to do, ids, headers, the event"),
    "replay": (commands.replay_letter, "hand a letter to its handler again, then those that wait behind it"),
    "replay-all": (commands.replay_letters, "replay every letter that was parked for a reason"),
    "discard": (commands.discard_letter, "close a letter without acting on it"),
}
_EVENTS: Final[Mapping[str, tuple[Action, str]]] = {
    "list": (commands.list_events, "list the events that the broker refuses, oldest first"),
    "release": (commands.release_event, "have the relay try an event again"),
    "discard": (commands.discard_event, "remove an event for good; nobody will hear of it"),
}
_AUDIT: Final[Mapping[str, tuple[Action, str]]] = {
    "verify": (commands.verify_audit, "recompute the chain of every aggregate"),
}


if __name__ == "__main__":
    raise SystemExit(main())
