"""`kfi restore plan|apply --service X --to TIME`: shows what a restored database does not know, and mends it."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kfi_chassis.deliveries import Unreadable
from kfi_chassis.process import Process
from kfi_chassis.restore.applying import Applying, Done, Item
from kfi_chassis.restore.history import History, OwnEvent
from kfi_chassis.restore.plan import Plan, make_plan
from kfi_chassis.settings import RestoreSettings, load_settings

ROOM: Final = "restore"
_OTHERS: Final = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
""")
_BY_EVENTS: Final = (
    ("to_mark", "published, and the outbox would publish it again: it is marked"),
    ("to_rebuild", "published, and the database does not know it: it is rebuilt from the event"),
    ("twice", "published under a number that another event has as well: a person must look"),
    ("to_hand_over", "dealt with and forgotten: it is handed to its handler again"),
)
_WHAT_NO_EVENT_TELLS: Final = """\
What no event tells is lost: steps since then that published nothing, and requests that were answered in the moments
before the loss. People look at each case they worked on since then.
"""


def add_to(rooms: Any) -> None:
    """The two words of the command line."""
    restore = rooms.add_parser(ROOM, help="a database that was set back while Kafka went on")
    actions = restore.add_subparsers(required=True, metavar="ACTION")
    for name, help_text in (
        ("plan", "show what the database does not know; changes nothing"),
        ("apply", "bring the database to what was published, and say what is left to people"),
    ):
        added = actions.add_parser(name, help=help_text, description=help_text)
        added.add_argument("--service", required=True, help="whose database; its settings come from the environment")
        added.add_argument("--to", required=True, type=_time, help="the time it was set back to, with its time zone")
        added.set_defaults(apply=name == "apply")


async def act(options: argparse.Namespace, process: Process, *, operator: str) -> int:
    """Show the plan, or do it; 0 when nothing is left to people, else 1."""
    engine = process.transactions.engine
    others = await _others(engine)
    if others:
        sys.stderr.write(f"Stop all processes of {process.service.name} first: {others} connections are open.\n")
        return 1
    plan = await _plan(process, options.to)
    if not options.apply:
        sys.stdout.write(shown(plan))
        return 0
    done = await Applying(process, plan, operator=operator).run()
    sys.stdout.write(told(done))
    return int(any(each.word == "for a person" for each in done))


async def _plan(process: Process, to: datetime) -> Plan:
    service, given = process.service, load_settings(RestoreSettings)
    account = {"kafka_username": given.restore_kafka_username, "kafka_password": given.restore_kafka_password}
    settings = process.settings.model_copy(update=account)
    group = None if service.consumer is None else service.consumer.group
    async with History.opened(settings, service.name, group) as history:
        return await make_plan(service, process.transactions.engine, history, to)


async def _others(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(_OTHERS) or 0)


def shown(plan: Plan) -> str:
    """The plan, one line for each event."""
    lines = [f"Set back to {plan.to.isoformat()}. Kafka shows since then:"]
    for name, sentence in _BY_EVENTS:
        items: Sequence[Item] = getattr(plan, name)
        lines += [f"{len(items)} {sentence}", *(f"  {_line(item)}" for item in items)]
    lines += [f"Kafka does not hold all of {topic} any more: what is older is left to people." for topic in plan.gone]
    return "\n".join([*lines, _WHAT_NO_EVENT_TELLS])


def told(done: Sequence[Done]) -> str:
    """What was done, one line for each event."""
    if not done:
        return "Nothing was left to do.\n"
    lines = [f"{each.word:13} {_line(each.item)} {each.reason}".rstrip() for each in done]
    left = sum(each.word == "for a person" for each in done)
    lines += [f"{left} are left to a person: they lie on the desk (dead-letters list), each with its reason."]
    return "\n".join([*lines, _WHAT_NO_EVENT_TELLS])


def _line(item: Item | str) -> str:
    if isinstance(item, str):
        return item
    record = item.record
    place = f"{record.topic}/{record.partition}/{record.offset}"
    if isinstance(item, Unreadable):
        return f"{item.event_type or '-'} {place}"
    number = f" sequence {item.envelope.sequence}" if isinstance(item, OwnEvent) else ""
    return f"{item.envelope.type.removeprefix('de.nrw.kfi.')} {item.envelope.subject}{number}  {place}"


def _time(given: str) -> datetime:
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise argparse.ArgumentTypeError("say the time as 2026-11-23T10:00:00+01:00") from None
    if time.tzinfo is None:
        raise argparse.ArgumentTypeError("say its time zone as well: 2026-11-23T10:00:00+01:00")
    return time
