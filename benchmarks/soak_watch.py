"""What a soak looks at while the load runs: memory, files, connections, rows; and whether it grows."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.capacity_platform import rows
from benchmarks.capacity_processes import uses
from kfi_stack.running_platform import SERVICES, Platform

MEGABYTE: Final = 2**20
KEPT: Final[Mapping[str, Mapping[str, str]]] = {
    "allocation": {
        "household": "who was announced: as long as the account counts them",
        "placement": "the procedure of each household",
        "arrival_list": "which lists were taken in",
        "arrival_entry": "what each list said of each household, without its personal part",
        "arrival_mistake": "what was wrong in each list",
        "plan_run": "the runs with their proofs",
        "run_document": "what a run froze, its plan and its certificate: a decision rests on it",
        "run_household": "which households a run was about, and where it placed them",
        "run_progress": "how a run's plan and bound came closer",
        "run_override": "what planners set against a plan, with their reasons",
        "town_notice": "which towns were told of which run",
        "booking": "the account of the towns: entries are only added",
        "presence": "who lived where: entries are only added",
        "presence_task": "where a town confirmed another number than was announced",
        "feed_entry": "what towns were told, as long as feeds keep it",
        "told_town": "what a town was last told of a household",
        "town_household": "the households of a town as it was told of them",
        "placement_receipt": "that a town took note of a proposal",
        "webhook_attempt": "the delivery log, as long as it is kept",
        "audit": "who did what; no role may delete it",
        "inbox": "remembers longer than the topics keep their records",
        "deadline": "what fell due and was met: as long as the household",
        "person_key": "a key for each household, list and run, until it is erased",
        "blind_index": "nothing yet: households are found by their reference",
        "erased_person": "that somebody was erased, and when",
    },
    "applications": {
        "application": "the cases themselves",
        "budget_booking": "which money each case has: as long as the case",
        "audit": "who did what: as long as the case; no role may delete it",
        "inbox": "remembers longer than the topics keep their records, and those it reads are kept for good",
        "deadline": "what fell due and was met: as long as the case",
        "attachment": "the papers of a case: as long as the case",
        "attachment_part": "their content",
        "note": "what the office wrote about a case: as long as the case",
        "bank_account": "to which account a case's money goes",
        "correction": "later acts that corrected a decision",
        "person_key": "a key for each case's person, until it is erased",
        "blind_index": "the keyed digests by which a case is found; they go with the key",
        "erased_person": "that somebody was erased, and when",
    },
    "notifications": {
        "notification": "what became of each order: proof of announcement",
        "document": "the very bytes that left the house: proof",
        "audit": "who did what; no role may delete it",
        "inbox": "remembers longer than the topic keeps its records",
        "deadline": "an announcement or the end of a period that lies ahead, later that it was met",
        "retrieval": "who retrieved a letter, and when: proof of announcement",
        "print_batch_letter": "which letter lies in which batch: proof of posting",
        "person_key": "a key for the person of each letter, until it is erased",
        "blind_index": "nothing yet: letters are found by their case",
        "erased_person": "that somebody was erased, and when",
    },
}
"""The tables that are meant to grow with the cases, and why; every other one must not."""
SMALL: Final = frozenset({
    "alembic_version", "schema_revision", "file_number", "budget_title", "budget_year", "master_record",
    "master_version", "caseworker", "mandate", "hold", "consent", "consent_change", "print_batch",
    "policy", "series", "quota_publication", "ledger", "town_capacity", "town_stop", "flat_offer", "care_offer",
    "outlook", "outlook_basis", "feed", "webhook", "webhook_key", "kafka_door", "kafka_credential",
})  # fmt: skip
"""A row per year, title, call, colleague, day, organisation or town: not one per case."""
PASSING: Final = frozenset({"outbox", "outbox_due", "idempotency_key", "delivery", "dead_letter", "arrival_part"})
"""Rows pass through: sent, forgotten or done, then purged."""

SLOW_TO_FILL: Final = frozenset({"files of PostgreSQL", "memory of PostgreSQL"})
"""Each connection opens a table and keeps its plans when it first meets it, after long if that is seldom; so only the
last third of the time tells."""

LONG_SECONDS: Final = 300.0

_TABLES: Final = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
_CONNECTIONS: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
_OUTBOX_KEPT, _KEYS_KEPT = "14 days", "7 days"
_AGE: Final = f"""
    WITH older AS (
        UPDATE outbox SET occurred_at = occurred_at - interval '{_OUTBOX_KEPT}'
        WHERE position NOT IN (SELECT position FROM outbox_due)
            AND occurred_at BETWEEN now() - interval '{_OUTBOX_KEPT}' AND now() - make_interval(secs => $1)
        RETURNING 1
    ), forgotten AS (
        UPDATE idempotency_key SET recorded_at = recorded_at - interval '{_KEYS_KEPT}'
        WHERE recorded_at BETWEEN now() - interval '{_KEYS_KEPT}' AND now() - make_interval(secs => $1)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM older) + (SELECT count(*) FROM forgotten) AS aged, pg_notify('work', 'purge')
"""  # noqa: S608 - two constants of ours


@dataclass(frozen=True)
class Pace:
    """Cases a second, for how long, a look every so often; what was published so long ago is past its time."""

    rate: float
    seconds: float
    warm_up: float
    look_every: float
    kept: float


@dataclass
class Watch:
    """Series of one soak, by what they measure; a sample of each per look."""

    times: list[float] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)
    aged: int = 0

    def note(self, moment: float, values: Mapping[str, float]) -> None:
        """Add one look. What is first seen later counts as nothing before."""
        for name, value in values.items():
            self.series.setdefault(name, [0.0] * len(self.times)).append(value)
        self.times.append(moment)

    def as_json(self) -> str:
        """All series, to be looked at afterwards."""
        return json.dumps({"times": self.times, "series": self.series}) + "\n"

    def growth(self, name: str) -> float:
        """By how much a series rises from the first look that tells to the last, by Theil's and Sen's line.

        It is deaf to outliers.
        """
        begin = len(self.times) * 2 // 3 if name in SLOW_TO_FILL else 0
        values, times = self.series[name][begin:], self.times[begin:]
        slopes = [
            (values[late] - values[early]) / (times[late] - times[early])
            for early in range(len(values))
            for late in range(early + 1, len(values))
        ]
        return statistics.median(slopes) * (times[-1] - times[0]) if slopes else 0.0


async def looked(platform: Platform, pids: Mapping[str, int]) -> dict[str, float]:
    """One look: own memory and files of each program, connections and rows of each service."""
    found: dict[str, float] = {}
    for name, use in uses(pids).items():
        found |= {f"memory of {name}": use.own_memory, f"files of {name}": use.files}
    for service in SERVICES:
        ((connections,),) = await rows(platform, service, _CONNECTIONS)
        found[f"connections of {service}"] = connections
        for table in await tables_of(platform, service):
            ((count,),) = await rows(platform, service, f'SELECT count(*) FROM "{table}"')  # noqa: S608 - a table's name
            found[f"rows of {service}.{table}"] = count
    return found


async def tables_of(platform: Platform, service: str) -> list[str]:
    """All tables of a service's database."""
    return [row[0] for row in await rows(platform, service, _TABLES)]


async def made_older(platform: Platform, kept_seconds: float) -> int:
    """Make published events and idempotency keys of so many seconds look past their time, and wake the purge.

    This is how the purge is seen at work within minutes, on services that run with their real retention.
    """
    aged = [await rows(platform, service, _AGE, kept_seconds) for service in SERVICES]
    return sum(int(found[0]["aged"]) for found in aged)


async def past_their_time(platform: Platform) -> int:
    """How many rows the purge has still to remove."""
    query = (
        f"SELECT (SELECT count(*) FROM outbox WHERE occurred_at < now() - interval '{_OUTBOX_KEPT}')"  # noqa: S608
        f" + (SELECT count(*) FROM idempotency_key WHERE recorded_at < now() - interval '{_KEYS_KEPT}')"
    )
    return sum([int((await rows(platform, service, query))[0][0]) for service in SERVICES])


def must_not_grow(names: Iterable[str]) -> list[str]:
    """The series that are to stay flat: all but the rows of tables that are meant to grow."""
    kept = {f"rows of {service}.{table}" for service, tables in KEPT.items() for table in tables}
    return [name for name in names if name not in kept]


def allowed(name: str, values: Sequence[float], pace: Pace) -> float:
    """How much of a rise is noise: a few megabytes or a share of the memory, a few files, a few seconds' rows.

    After a short warm-up only a fast leak can be told from programs that still fill their pools and caches.
    """
    short = pace.seconds < LONG_SECONDS
    if name.startswith("memory"):
        return max((64 if short else 8) * MEGABYTE, statistics.median(values) / 20)
    if name.startswith(("files", "connections")):  # PostgreSQL keeps the files of each table open, per connection
        return max(64.0, statistics.median(values) / 2) if short else max(12.0, statistics.median(values) / 20)
    return 20 + 30 * pace.rate


def growing(watch: Watch, pace: Pace) -> dict[str, float]:
    """What grows though it must not, and by how much."""
    rises = {name: watch.growth(name) for name in must_not_grow(watch.series)}
    return {name: rise for name, rise in rises.items() if rise > allowed(name, watch.series[name], pace)}
