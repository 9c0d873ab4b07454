"""When an administrative act counts as announced: by channel, regime and day (§ 41 VwVfG NRW, § 37 SGB X).

A later or missing receipt claimed by the addressee is no matter of this module: the authority must prove receipt, the
case waits for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from kfi_law.dated import DatedRow, DatedTable
from kfi_law.errors import NotRetrievedInTime, NoValueInForce, ReadingSettled
from kfi_law.legal_calendar import is_working_day, next_working_day
from kfi_law.packaged import rule_rows
from kfi_law.periods import nominal_end_of_day_period
from kfi_law.traces import Figure, Step


class Channel(StrEnum):
    """How the act reaches its addressee."""

    LETTER = "letter"
    ELECTRONIC = "electronic"
    AUTHORITY_MAILBOX = "authority_mailbox"
    RETRIEVAL = "retrieval"


class Regime(StrEnum):
    """Which procedural law governs: VwVfG NRW (general) or SGB X (social)."""

    GENERAL = "general"
    SOCIAL = "social"


class WeekendPolicy(StrEnum):
    """How to read a day of announcement that is no working day."""

    AS_IS = "as_is"
    NEXT_WORKING_DAY = "next_working_day"


LATER_OF_BOTH = "later_of_both"
ANNOUNCED_ON = "announced_on"
LAST_DAY_FOR_RETRIEVAL = "last_day_for_retrieval"
_FILE = "announcement.toml"


@dataclass(frozen=True, kw_only=True)
class AnnouncementRule(DatedRow):
    """How many days after which event an act of a regime and channel counts as announced."""

    days: int
    counted_from: str
    retrieval_window_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class WeekendRule(DatedRow):
    """The weekend policy of a regime, and whether the courts have settled it."""

    policy: WeekendPolicy
    settled: bool


def announced_on(
    channel: Channel, on: date, regime: Regime = Regime.GENERAL, weekend_policy: WeekendPolicy | None = None
) -> Figure[date]:
    """The day the act counts as announced, `on` being the day of posting, sending, provision or retrieval.

    Without a weekend policy the dated one of the regime is read; it starts the period. Before money flows or a case is
    called final, `latest_reading` counts. Raises NoValueInForce where no row covers that channel and day,
    ReadingSettled for a reading the courts have refused.
    """
    policy = weekend_policies().decisive(regime, on)
    if policy.settled and weekend_policy not in (None, policy.policy):
        raise ReadingSettled(f"For the {regime} regime {policy.paragraph}; leave the weekend policy out.")
    return _announced(channel, on, regime, weekend_policy or policy.policy)


def latest_reading(channel: Channel, on: date, regime: Regime = Regime.GENERAL) -> Figure[date]:
    """The later of both weekend readings of `announced_on`, where the question is open; else the settled one.

    It is what counts before money flows or a case is called final: nobody loses time by a disputed reading.
    """
    policy = weekend_policies().decisive(regime, on)
    return _announced(channel, on, regime, policy.policy if policy.settled else LATER_OF_BOTH)


def last_day_for_retrieval(notified_on: date, regime: Regime = Regime.GENERAL) -> Figure[date]:
    """The last day on which an act provided for retrieval can be picked up (§ 41 (2a) S. 4 VwVfG).

    Calendar days after the notice was sent; it does not move to a working day. Not picked up by then, the act is not
    announced and is provided again or sent another way. Raises NoValueInForce where no row covers the day.
    """
    rule = announcement_rules().decisive(f"{regime}/{Channel.RETRIEVAL}", notified_on)
    step = retrieval_step(rule.version, {"notified_on": notified_on.isoformat()})
    return Figure(date.fromisoformat(step.result), (step,))


def announced_by_retrieval(
    notified_on: date, retrieved_on: date | None, regime: Regime = Regime.GENERAL, *, latest: bool = False
) -> Figure[date]:
    """The day an act provided for retrieval counts as announced: the day after it was picked up.

    With `latest`, by the later of both weekend readings. Raises NotRetrievedInTime when it was not picked up, or only
    after the window: then no period runs.
    """
    window = last_day_for_retrieval(notified_on, regime)
    if retrieved_on is None or retrieved_on > window.value:
        raise NotRetrievedInTime(
            f"Not retrieved by {window.value}, so not announced and no period runs; provide it again or send a letter."
        )
    read = latest_reading if latest else announced_on
    figure = read(Channel.RETRIEVAL, retrieved_on, regime)
    return Figure(figure.value, window.steps + figure.steps)


@cache
def announcement_rules() -> DatedTable[AnnouncementRule]:
    """The packaged announcement table, by `regime/channel`."""
    return DatedTable("The announcement table", (AnnouncementRule(**row) for row in rule_rows(_FILE, "rule")))


@cache
def weekend_policies() -> DatedTable[WeekendRule]:
    """The packaged weekend policies, by regime."""
    rows = rule_rows(_FILE, "weekend_policy")
    policies = (WeekendRule(**{**row, "policy": WeekendPolicy(row["policy"])}) for row in rows)
    return DatedTable("The table of weekend policies", policies)


def announcement_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `announced_on` of a trace, computed anew from the version of its rule and its inputs."""
    on, reading = date.fromisoformat(inputs["on"]), inputs["reading"]
    rule, policy = announcement_rules().of_version(version), weekend_policies().of_version(inputs["weekend_policy"])
    if not (rule.covers(on) and policy.covers(on) and rule.key == f"{policy.key}/{inputs['channel']}"):
        raise NoValueInForce(f"{version} or {policy.version} is not the law of {on} for that channel.")
    nominal = nominal_end_of_day_period(on, rule.days)
    paragraph = rule.paragraph if is_working_day(nominal) else f"{rule.paragraph}; {policy.paragraph}"
    kept = {name: inputs[name] for name in ("channel", "on", "reading", "weekend_policy")}
    return Step(ANNOUNCED_ON, version, paragraph, kept, _read(nominal, reading).isoformat(), rule.source)


def retrieval_step(version: str, inputs: Mapping[str, str]) -> Step:
    """The step `last_day_for_retrieval` of a trace, computed anew from the version of its rule and its inputs."""
    rule, notified_on = announcement_rules().of_version(version), date.fromisoformat(inputs["notified_on"])
    if not rule.covers(notified_on) or rule.retrieval_window_days is None:
        raise NoValueInForce(f"{version} is not the law of retrieval on {notified_on}.")
    day = nominal_end_of_day_period(notified_on, rule.retrieval_window_days)
    kept = {"notified_on": inputs["notified_on"]}
    return Step(LAST_DAY_FOR_RETRIEVAL, version, f"{rule.paragraph} S. 4", kept, day.isoformat(), rule.source)


def _announced(channel: Channel, on: date, regime: Regime, reading: str) -> Figure[date]:
    rule = announcement_rules().decisive(f"{regime}/{channel}", on)
    policy = weekend_policies().decisive(regime, on)
    inputs = {"channel": str(channel), "on": on.isoformat(), "reading": reading, "weekend_policy": policy.version}
    step = announcement_step(rule.version, inputs)
    return Figure(date.fromisoformat(step.result), (step,))


def _read(nominal: date, reading: str) -> date:
    if reading == LATER_OF_BOTH:
        return max(_read(nominal, policy) for policy in WeekendPolicy)
    return nominal if WeekendPolicy(reading) is WeekendPolicy.AS_IS else next_working_day(nominal)
