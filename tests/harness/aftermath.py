"""What must be true of every application that was accepted, whatever was killed while it was decided.

First everything comes to rest by itself, then it is looked at once, and each invariant says what it finds wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from kfi_stack.running_platform import SERVICES, Platform

from . import invariants_of_cases as of_cases
from . import invariants_of_events as of_events
from . import invariants_of_letters as of_letters
from .bus import LOOK_EVERY_SECONDS, Bus
from .evidence import CONSUMERS, Evidence, gathered
from .load import Load
from .office import Case, Office
from .sights import Sight

PATIENCE_SECONDS = 60.0
"""So long nothing may move before it counts as stuck."""
SHOWN = 4
Invariant = Callable[[Evidence], Iterator[str]]
INVARIANTS: tuple[Invariant, ...] = (
    of_cases.every_accepted_application_is_there_once,
    of_cases.file_numbers_have_no_gap,
    of_cases.every_transition_is_legal_and_has_one_audit_row,
    of_cases.every_case_went_its_way,
    of_cases.nothing_was_let_through,
    of_cases.whoever_proposed_neither_checked_nor_signed,
    of_cases.no_budget_is_overdrawn_and_each_booking_counts_once,
    of_cases.every_grant_is_committed_once,
    of_cases.every_booking_is_audited_once,
    of_events.every_case_is_told_by_the_events_of_the_design_once,
    of_letters.every_decision_orders_one_letter_and_one_email,
    of_letters.every_notification_is_audited_step_by_step,
    of_letters.every_letter_lies_in_the_spool_once,
    of_letters.every_email_is_one_however_often_it_came,
    of_events.order_per_key_is_kept,
    of_events.copies_of_an_event_are_the_same,
    of_events.everything_recorded_is_published,
    of_events.nothing_is_parked,
    of_events.every_record_is_accounted_for,
    of_events.every_process_accounts_for_what_it_polled,
    of_events.no_event_is_handled_by_two_processes,
    of_letters.every_deadline_was_met_once,
    of_events.every_audit_chain_is_whole,
)


async def everything_happened_once(
    load: Load, office: Office, bus: Bus, platform: Platform, *, sights: Sequence[Sight] = ()
) -> Evidence:
    """Waits until all is over, then checks database, topics, print spool, mailbox, accounts and audit of every case."""
    stuck = ""
    try:
        await come_to_rest(load, office, bus)
    except TimeoutError as told:
        stuck = f"{told}; what is there all the same:"
    evidence = await gathered(load, platform, sights=sights)
    wrong = stuck + in_words(findings(evidence))
    if wrong:
        raise AssertionError(wrong)
    return evidence


def findings(evidence: Evidence) -> Mapping[str, Sequence[str]]:
    """What each invariant finds wrong, by its name; those that hold are left out."""
    found = {invariant.__name__: list(invariant(evidence)) for invariant in INVARIANTS}
    return {name: told for name, told in found.items() if told}


def in_words(found: Mapping[str, Sequence[str]]) -> str:
    """The findings by invariant, the first few of each."""
    lines = [f"\n{name.replace('_', ' ')}? {len(told)} times not:" for name, told in found.items()]
    shown = ["".join(f"\n    {one}" for one in told[:SHOWN]) for told in found.values()]
    return "".join(line + some for line, some in zip(lines, shown, strict=True))


async def come_to_rest(load: Load, office: Office, bus: Bus) -> None:
    """All letters leave, the days of the law pass, all decisions are final, nothing waits anywhere."""
    cases, calendar = ids(load.cases), office.calendar
    notifications = partial(_counted, bus, "notifications", cases)
    await everything_left(load, bus)
    await the_day_comes(calendar.today() + timedelta(days=4), office, bus)
    letters = "channel = 'letter' AND state IN ('announced', 'remedy-period-ended')"
    decided = [case for case in load.cases if case.way.decided]
    await rest("announced letters", partial(notifications, letters), len(decided))
    await the_day_comes(await _last_day(bus, cases) + timedelta(days=1), office, bus)
    await rest("remedy periods that ended", partial(notifications, "state = 'remedy-period-ended'"), len(decided))
    await rest("final decisions", partial(_final, bus, cases), len(decided))
    await nothing_waits(bus)


async def everything_left(load: Load, bus: Bus) -> None:
    """Letter and e-mail of every case have left the house or failed for good."""
    cases, gone = ids(load.cases), "state NOT IN ('ordered', 'prepared', 'not-retrieved')"
    await rest(
        "letters and e-mails that have left", partial(_counted, bus, "notifications", cases, gone), _ordered(load)
    )
    await nothing_waits(bus)


def _ordered(load: Load) -> int:
    """A letter and an e-mail for the decision, and for each time something was asked for."""
    return sum(2 * (int(case.way.decided) + case.way.requests) for case in load.cases)


async def the_day_comes(day: date, office: Office, bus: Bus) -> None:
    """The business date, and all that falls due by it is acted on: it may also be that of thousands of other cases."""
    office.calendar.move_to(day)
    for name in SERVICES:
        await acted_on(name, bus)


async def acted_on(service: str, bus: Bus) -> None:
    """Every day of a service that has come was acted on."""
    await rest(f"deadlines {service} has still to act on", partial(bus.due, service), 0)


async def nothing_waits(bus: Bus) -> None:
    """Every day that has come was acted on, every outbox is empty, and every consumer has committed all there is."""
    for name in SERVICES:
        await acted_on(name, bus)
        await rest(f"events {name} has still to publish", partial(_unpublished, bus, name), 0)
    for consumer in CONSUMERS.values():
        for topic in consumer.topics():
            await bus.caught_up(consumer.group, topic)


async def rest(what: str, count: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Wait until the count is reached. Raises TimeoutError when it has not changed for a while."""
    last, since = await count(), monotonic()
    while last != wanted:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        found = await count()
        if found != last:
            last, since = found, monotonic()
        elif monotonic() - since > PATIENCE_SECONDS:
            raise TimeoutError(f"{last} of {wanted} {what}, and for {PATIENCE_SECONDS:.0f} s no more")


async def _counted(bus: Bus, service: str, cases: Sequence[UUID], which: str) -> int:
    query = f"SELECT count(*) FROM notification WHERE concerns = ANY($1) AND {which}"  # noqa: S608 - words of ours
    return int((await bus.rows(service, query, cases))[0][0])


async def _last_day(bus: Bus, cases: Sequence[UUID]) -> date:
    query = "SELECT max(remedy_ends_on) FROM notification WHERE concerns = ANY($1)"
    day: date = (await bus.rows("notifications", query, cases))[0][0]
    return day


async def _final(bus: Bus, cases: Sequence[UUID]) -> int:
    query = "SELECT count(*) FROM application WHERE id = ANY($1) AND state = 'final'"
    return int((await bus.rows("applications", query, cases))[0][0])


async def _unpublished(bus: Bus, service: str) -> int:
    query = "SELECT count(*) FROM outbox_due JOIN outbox USING (position) WHERE parked_reason IS NULL"
    return int((await bus.rows(service, query))[0][0])


def ids(cases: Sequence[Case]) -> list[UUID]:
    """The ids of the cases as the database has them."""
    return [UUID(case.id) for case in cases]
