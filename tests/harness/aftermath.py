"""What must be true of every application that was accepted, whatever was killed while it was decided."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from kfi_contracts.applications import ApplicationFiled, DecisionFinal, DecisionMade
from kfi_contracts.notifications import NotificationAnnounced, NotificationDispatched
from kfi_stack.demo.observer import Seen
from kfi_stack.running_platform import SERVICES, Platform

from .bus import Bus, until
from .cases import GRANT
from .load import Load
from .office import Case, Office

STEPS = [
    "file", "open-formal-check", "open-substance-check", "propose", "reserve-funds", "open-second-check", "sign",
    "waive-remedies", "record-announcement",
]  # fmt: skip
"""The audit of a case from its receipt to finality by a waiver, each step once."""


async def everything_happened_once(load: Load, office: Office, bus: Bus, platform: Platform) -> None:
    """Waits until all is over, then checks database, topics, print spool, mailbox and audit of every case."""
    await until(lambda: all_dispatched(bus, load.cases), f"two dispatched for each of {len(load.cases)} decisions")
    platform.calendar.move_to(platform.calendar.today() + timedelta(days=4))
    for case in load.cases:
        await office.final(case)
        case.letter_id = str((await office.event(DecisionMade, application_id=case.id)).letter_id)
    for name in SERVICES:
        await until(partial(nothing_waits, bus, name), f"{name} has published everything")
    await accepted_once(bus, load)
    for case in load.cases:
        published_once(office, case)
    left_the_house_once(platform, load.cases)
    await nothing_parked(bus, load.cases)
    await recorded_once(bus, load.cases)


async def all_dispatched(bus: Bus, cases: Sequence[Case]) -> bool:
    """Whether the letter and the e-mail of every case have left."""
    query = "SELECT count(*) FROM notification WHERE concerns = ANY($1) AND dispatched_on IS NOT NULL"
    ((count,),) = await bus.rows("notifications", query, ids(cases))
    return int(count) == 2 * len(cases)


async def nothing_waits(bus: Bus, service: str) -> bool:
    """Whether everything the service recorded is on Kafka."""
    ((count,),) = await bus.rows(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL")
    return int(count) == 0


async def accepted_once(bus: Bus, load: Load) -> None:
    """As many applications as were accepted, each with its number and its money."""
    query = "SELECT id::text, file_number FROM application WHERE project ->> 'title' = $1"
    stored = {tuple(row) for row in await bus.rows("applications", query, load.title)}
    assert stored == {(case.id, case.file_number) for case in load.cases}
    query = "SELECT booking, amount FROM budget_booking WHERE application_id = ANY($1)"
    booked = [tuple(row) for row in await bus.rows("applications", query, ids(load.cases))]
    assert booked == [("committed", Decimal(GRANT))] * len(load.cases)


def published_once(office: Office, case: Case) -> None:
    """Each event of the case and of its notifications once by its id, in order, without a gap."""
    own = once_each(office.events_of(case))
    assert [type(one.event) for one in own] == [ApplicationFiled, DecisionMade, DecisionFinal]
    assert [one.envelope.sequence for one in own] == [1, 2, 3]
    told = once_each([one for one in office.observer.seen if str(getattr(one.event, "concerns", "")) == case.id])
    by_subject: dict[str, list[Seen]] = {}
    for one in told:
        by_subject.setdefault(one.envelope.subject, []).append(one)
    letter, (email,) = by_subject.pop(case.letter_id), by_subject.values()
    assert [type(one.event) for one in letter] == [NotificationDispatched, NotificationAnnounced]
    assert [one.envelope.sequence for one in letter] == [1, 2]
    assert [type(one.event) for one in email] == [NotificationDispatched]


def once_each(seen: Sequence[Seen]) -> list[Seen]:
    """The events without those that a restarted relay published again under the same id."""
    return list({one.envelope.id: one for one in reversed(seen)}.values())[::-1]


def left_the_house_once(platform: Platform, cases: Sequence[Case]) -> None:
    """One file in the print spool; however often an e-mail was handed over, one Message-ID."""
    for case in cases:
        assert len(list(platform.spool.glob(f"*/{case.letter_id}.pdf"))) == 1
        assert len(list(platform.spool.glob(f"*/{case.letter_id}.json"))) == 1
    mails: dict[str, set[str]] = {}
    for mail in platform.mails.messages():
        for recipient in mail.recipients:
            mails.setdefault(recipient, set()).add(mail.message_id)
    wrong = [case.id for case in cases if len(mails.get(case.body["addressee"]["email"], ())) != 1]
    assert wrong == []


async def nothing_parked(bus: Bus, cases: Sequence[Case]) -> None:
    """No outage was taken for a fault of an event."""
    for name in SERVICES:
        keys = [key.encode() for case in cases for key in (case.id, case.letter_id)]
        assert await bus.rows(name, "SELECT reason FROM dead_letter WHERE key = ANY($1)", keys) == []


async def recorded_once(bus: Bus, cases: Sequence[Case]) -> None:
    """The audit of each case holds each step once, and whatever looks at the file there were."""
    query = (
        "SELECT aggregate_id::text AS id, action FROM audit WHERE aggregate_id = ANY($1) AND action NOT LIKE 'read%'"
    )
    recorded: dict[str, list[str]] = {}
    for row in await bus.rows("applications", query, ids(cases)):
        recorded.setdefault(row["id"], []).append(row["action"])
    wrong = {case: steps for case, steps in recorded.items() if sorted(steps) != sorted(STEPS)}
    assert (wrong, len(recorded)) == ({}, len(cases))


def ids(cases: Sequence[Case]) -> list[UUID]:
    """The ids of the cases as the database has them."""
    return [UUID(case.id) for case in cases]
