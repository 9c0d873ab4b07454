"""How long an action may be brought and when an act is final (§§ 58, 74 VwGO, §§ 187 to 193 BGB)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from kfi_law.announcement import Channel, Regime, announced_on, latest_reading
from kfi_law.dated import DatedRow, DatedTable
from kfi_law.errors import NoValueInForce
from kfi_law.legal_calendar import next_working_day
from kfi_law.packaged import rule_rows
from kfi_law.periods import nominal_end_of_month_period
from kfi_law.traces import Figure, Step


class Instruction(StrEnum):
    """The notice on remedies: correct, or missing or wrong in any element (authority, court, seat, period, form)."""

    CORRECT = "correct"
    MISSING_OR_WRONG = "missing_or_wrong"


REMEDY_PERIOD_END = "remedy_period_end"
LAST_DAY_FOR_ACTION = "last_day_for_action"
FINAL_FROM = "final_from"


@dataclass(frozen=True, kw_only=True)
class RemedyRule(DatedRow):
    """A rule of the remedy table; `months` is set where the rule is the length of a period."""

    months: int | None = None


@dataclass(frozen=True, slots=True)
class RemedyPeriod:
    """Everything that follows from one dispatch.

    `announced` and `last_day` go by the policy in force, the `latest` ones by the later of both weekend readings;
    `final_from` rests on the latest, because finality lets money flow.
    """

    announced: Figure[date]
    last_day: Figure[date]
    latest_announced: Figure[date]
    latest_last_day: Figure[date]
    final_from: Figure[date]


def last_day_for_action(announced: date | Figure[date], instruction: Instruction = Instruction.CORRECT) -> Figure[date]:
    """The last day on which an action can be brought: one month after announcement, one year without a correct notice.

    Never a Saturday, Sunday or statutory holiday of North Rhine-Westphalia. Given a figure, its trace goes on.
    """
    day, steps = _taken_apart(announced)
    rule = remedy_rules().decisive(f"action/{instruction}", day)
    nominal = nominal_step(rule.version, {"announced_on": day.isoformat(), "instruction": str(instruction)})
    moved = remedy_rules().decisive("end_on_a_working_day", day)
    last = last_day_step(moved.version, {REMEDY_PERIOD_END: nominal.result})
    return Figure(date.fromisoformat(last.result), (*steps, nominal, last))


def final_from(last_day: date) -> date:
    """The day from which the act is final when nothing happens: the day after the last day for an action, 00:00."""
    return last_day + timedelta(days=1)


def finality(
    last_day: date | Figure[date], *, waived_on: date | None = None, action_pending: bool = False
) -> Figure[date] | None:
    """The day from which the act is final, None while an action is pending.

    A waiver of remedies makes it final on the day it is received, if that is earlier. `last_day` is the
    one of the later reading (`RemedyPeriod.latest_last_day`).
    """
    return None if action_pending else _final(last_day, waived_on)


def remedy_period(
    channel: Channel, on: date, instruction: Instruction = Instruction.CORRECT, regime: Regime = Regime.GENERAL
) -> RemedyPeriod:
    """Announcement, last day for an action and finality of an act dispatched on that day, by both weekend readings."""
    return remedy_period_from(announced_on(channel, on, regime), latest_reading(channel, on, regime), instruction)


def remedy_period_from(
    announced: Figure[date], latest_announced: Figure[date], instruction: Instruction = Instruction.CORRECT
) -> RemedyPeriod:
    """As `remedy_period`, from the announcement by the policy in force and the one by the later reading."""
    latest_last_day = last_day_for_action(latest_announced, instruction)
    return RemedyPeriod(
        announced=announced,
        last_day=last_day_for_action(announced, instruction),
        latest_announced=latest_announced,
        latest_last_day=latest_last_day,
        final_from=_final(latest_last_day, waived_on=None),
    )


@cache
def remedy_rules() -> DatedTable[RemedyRule]:
    """The packaged remedy table."""
    return DatedTable("The remedy table", (RemedyRule(**row) for row in rule_rows("remedies.toml", "rule")))


def nominal_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `remedy_period_end` of a trace, computed anew: the end before it moves to a working day."""
    announced, instruction = date.fromisoformat(inputs["announced_on"]), Instruction(inputs["instruction"])
    rule = _covering(version, announced)
    if rule.key != f"action/{instruction}" or rule.months is None:
        raise NoValueInForce(f"{version} is not the period of an action with that notice.")
    kept = {"announced_on": inputs["announced_on"], "instruction": str(instruction)}
    end = nominal_end_of_month_period(announced, rule.months)
    return Step(REMEDY_PERIOD_END, version, rule.paragraph, kept, end.isoformat(), rule.source)


def last_day_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `last_day_for_action` of a trace, computed anew: the end of the period on a working day."""
    nominal = date.fromisoformat(inputs[REMEDY_PERIOD_END])
    rule = _covering(version, nominal)
    kept, last = {REMEDY_PERIOD_END: inputs[REMEDY_PERIOD_END]}, next_working_day(nominal)
    return Step(LAST_DAY_FOR_ACTION, version, rule.paragraph, kept, last.isoformat(), rule.source)


def finality_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `final_from` of a trace, computed anew: after the period, or by waiver."""
    last_day = date.fromisoformat(inputs[LAST_DAY_FOR_ACTION])
    rule = _covering(version, last_day)
    kept, final = {LAST_DAY_FOR_ACTION: inputs[LAST_DAY_FOR_ACTION]}, final_from(last_day)
    if rule.key == "final_by_waiver":
        kept["waived_on"] = inputs["waived_on"]
        final = min(final, date.fromisoformat(inputs["waived_on"]))
    return Step(FINAL_FROM, version, rule.paragraph, kept, final.isoformat(), rule.source)


def _final(last_day: date | Figure[date], waived_on: date | None) -> Figure[date]:
    day, steps = _taken_apart(last_day)
    inputs = {LAST_DAY_FOR_ACTION: day.isoformat()}
    key = "final_after_the_period"
    if waived_on is not None and waived_on <= day:
        key, inputs = "final_by_waiver", {"waived_on": waived_on.isoformat(), **inputs}
    step = finality_step(remedy_rules().decisive(key, day).version, inputs)
    return Figure(date.fromisoformat(step.result), (*steps, step))


def _covering(version: str, on: date) -> RemedyRule:
    rule = remedy_rules().of_version(version)
    if not rule.covers(on):
        raise NoValueInForce(f"{version} is not the law of {on}.")
    return rule


def _taken_apart(day: date | Figure[date]) -> tuple[date, tuple[Step, ...]]:
    return (day.value, day.steps) if isinstance(day, Figure) else (day, ())
