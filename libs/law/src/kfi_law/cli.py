"""`kfi-law`: periods and courts on the command line, each with its paragraph; no service, no network."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from kfi_law.announcement import Channel, Regime, announced_by_retrieval, announced_on, latest_reading
from kfi_law.courts import court_figure
from kfi_law.errors import LawError
from kfi_law.period_report import PeriodReport
from kfi_law.remedies import Instruction, RemedyPeriod, remedy_period_from
from kfi_law.traces import trace_to_json

OUTSIDE = "outside"
_FIRST_YEAR, _LAST_YEAR = 1995, 2999
_DAY_OF = {
    Channel.LETTER: "posted",
    Channel.ELECTRONIC: "sent",
    Channel.AUTHORITY_MAILBOX: "provided",
    Channel.RETRIEVAL: "notified",
}
_DAYS = (*_DAY_OF.values(), "retrieved")
_INSTRUCTIONS = {"correct": Instruction.CORRECT, "missing": Instruction.MISSING_OR_WRONG}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 on success, 2 with one sentence on standard error for anything it cannot answer."""
    options = _parser().parse_args(arguments)
    try:
        answer = _court(options) if options.command == "court" else _period(options)
    except LawError as error:
        sys.stderr.write(f"kfi-law: {error}\n")
        return 2
    sys.stdout.write(f"{answer}\n")
    return 0


def _period(options: argparse.Namespace) -> str:
    court = court_figure(_seat(options.seat)) if options.seat else None
    report = PeriodReport(_remedy_period(options), court)
    return report.as_json() if options.json else report.as_text()


def _court(options: argparse.Namespace) -> str:
    figure = court_figure(_seat(options.seat))
    if not options.json:
        return f"{figure.value.name}, {figure.value.seat}   {figure.step.paragraph}"
    court = {"key": figure.value.key, "name": figure.value.name, "seat": figure.value.seat}
    return json.dumps({"court": court, "trace": json.loads(trace_to_json(figure.steps))}, ensure_ascii=False, indent=2)


def _remedy_period(options: argparse.Namespace) -> RemedyPeriod:
    channel, regime, day = Channel(options.channel), Regime(options.regime), _dispatch_day(options)
    instruction = _INSTRUCTIONS[options.instruction]
    if channel is Channel.RETRIEVAL:
        announced = announced_by_retrieval(day, options.retrieved, regime)
        latest = announced_by_retrieval(day, options.retrieved, regime, latest=True)
    else:
        announced, latest = announced_on(channel, day, regime), latest_reading(channel, day, regime)
    return remedy_period_from(announced, latest, instruction)


def _dispatch_day(options: argparse.Namespace) -> date:
    wanted = _DAY_OF[Channel(options.channel)]
    allowed = {wanted, "retrieved"} if options.channel == Channel.RETRIEVAL else {wanted}
    given = {name for name in _DAYS if getattr(options, name) is not None}
    if wanted not in given or given - allowed:
        names = " and ".join(f"--{name} YYYY-MM-DD" for name in sorted(allowed))
        raise LawError(f"The channel {options.channel} is computed from {names}, and from no other day.")
    day: date = getattr(options, wanted)
    return day


def _seat(text: str) -> str | None:
    return None if text == OUTSIDE else text


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a day of the calendar as YYYY-MM-DD, such as 2026-03-09.") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise argparse.ArgumentTypeError(f"give a day between {_FIRST_YEAR} and {_LAST_YEAR}.")
    return day


class _OneSentenceParser(argparse.ArgumentParser):
    """Tells a wrong call in one sentence, without the usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _OneSentenceParser(prog="kfi-law", description="Periods and courts of North Rhine-Westphalia.")
    commands = parser.add_subparsers(dest="command", required=True)
    period = commands.add_parser("period", help="announcement, last day for an action, finality")
    period.add_argument("--channel", choices=[str(channel) for channel in Channel], required=True)
    for name in _DAYS:
        period.add_argument(f"--{name}", type=_day, metavar="YYYY-MM-DD")
    period.add_argument("--regime", choices=[str(regime) for regime in Regime], default=str(Regime.GENERAL))
    period.add_argument("--instruction", choices=list(_INSTRUCTIONS), default="correct", help="the notice on remedies")
    period.add_argument("--seat", metavar="AGS", help=f"seat of the addressee; {OUTSIDE!r}: not in the state")
    court = commands.add_parser("court", help="the administrative court of a municipality")
    court.add_argument("seat", metavar="AGS", help=f"eight digits; {OUTSIDE!r}: no seat in the state")
    for command in (period, court):
        command.add_argument("--json", action="store_true", help="with the trace of every figure")
    return parser


if __name__ == "__main__":
    sys.exit(main())
