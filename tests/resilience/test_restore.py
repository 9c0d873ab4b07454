"""The restore drill: both databases set back to a backup while Kafka and people went on, and brought together again.

The page docs/operations/restore.md is followed step by step: stop, set back, plan, apply, start, deal with the desk.
What may differ is tried case by case in the tests of the chassis and of the services, in every run.
"""

import asyncio
import hashlib
import os
import subprocess
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.harness.backups import Backup
from tests.harness.bus import Bus, until
from tests.harness.fuzz_books import books_are_right
from tests.harness.office import Case, Office

from kfi_contracts.applications import DecisionMade
from kfi_contracts.notifications import NotificationAnnounced, NotificationDispatched, NotificationOrdered
from kfi_stack.databases import connection_to
from kfi_stack.demo.person import Refused
from kfi_stack.doorkeeper import NAME as DOORKEEPER
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.services import installed

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.nightly, pytest.mark.asyncio(loop_scope="session")]
TOPICS = sorted({event.topic for event in (DecisionMade, NotificationDispatched, NotificationOrdered)})


@dataclass(frozen=True)
class Cases:
    """One case for each thing that may happen around the moment the databases are set back to."""

    in_hand: Case
    """In the second check, before and after."""
    announced_later: Case
    """Sent before; announced and final after."""
    decided_later: Case
    """In the second check before; signed, waived, announced and final after."""

    @classmethod
    async def before(cls, office: Office) -> "Cases":
        return cls(await office.checked(), await office.sent(), await office.checked())

    async def go_on(self, office: Office) -> Case:
        """What happens after the backup; the case that is filed in this time."""
        await office.sign(self.decided_later)
        for channel in ("letter", "email"):
            await office.event(NotificationDispatched, concerns=self.decided_later.id, channel=channel)
        await office.act(office.people.applicant, self.decided_later, "waiver")
        await office.announced(self.announced_later)
        ended = (
            await office.event(NotificationAnnounced, notification_id=self.announced_later.letter_id)
        ).remedy_ends_on
        assert ended is not None
        office.calendar.move_to(ended + timedelta(days=4))
        for case in (self.announced_later, self.decided_later):
            await office.final(case)
        return await office.filed()


@dataclass(frozen=True)
class Outside:
    """What the outside has seen, which no restore can take back."""

    claimed_twice: set[tuple[str, bytes | None, str]]
    letters: dict[str, str]
    mails: Counter[str]


async def test_two_databases_set_back_while_kafka_is_ahead(
    office: Office, bus: Bus, platform: Platform, tmp_path: Path, session_servers: Any
) -> None:
    if session_servers.mode != "embedded":
        pytest.skip("external servers are not ours to set back: run with KFI_SERVERS=embedded")
    cases = await Cases.before(office)
    backups = [await Backup.take(name, platform, tmp_path) for name in SERVICES]
    filed_later = await cases.go_on(office)
    lost = await all_dealt_with(bus, filed_later)
    outside = Outside(await claimed_twice(bus), letters(platform), platform.mails.copies())
    async with stopped(platform):
        await asyncio.gather(*(backup.bring_back(platform) for backup in backups))
        planned = await both(platform, backups, "plan")
        applied = await both(platform, backups, "apply")
        again = await both(platform, backups, "apply")
    assert_told(planned, applied, cases, filed_later)
    assert {output for _, output in again.values()} <= {"Nothing was left to do.\n"}
    await people_go_on(office, cases, filed_later)
    await nothing_happened_twice(bus, platform, outside)
    await the_desk_is_cleared(bus, platform, cases, filed_later)
    await everything_is_whole(bus, platform)
    await entered_again(platform, lost)
    await books_are_right(bus, platform)


async def all_dealt_with(bus: Bus, case: Case) -> dict[str, str]:
    """Waits until both services have noted everything; the rows of the case that will be lost, by table."""
    for group, topic in (("notifications", TOPICS[2]), ("applications", TOPICS[1])):
        await bus.caught_up(group, topic)
    for name in SERVICES:
        query = "SELECT count(*) = 0 FROM outbox_due"
        await until(lambda name=name, query=query: _first(bus, name, query), f"{name} has published everything")
    queries = {
        "application": "SELECT jsonb_agg(a) FROM application AS a WHERE id = $1",
        "audit": "SELECT jsonb_agg(a) FROM audit AS a WHERE aggregate_id = $1",
    }
    return {table: await _first(bus, "applications", query, case.id) for table, query in queries.items()}


async def _first(bus: Bus, service: str, query: str, *arguments: object) -> Any:
    ((found,),) = await bus.rows(service, query, *arguments)
    return found


@asynccontextmanager
async def stopped(platform: Platform) -> AsyncIterator[None]:
    """All services and the doorkeeper die and are started again at the end."""
    for name in (*SERVICES, DOORKEEPER):
        platform.running[name].kill()
        platform.supervisor.forget(platform.running[name])
    try:
        yield
    finally:
        started = await asyncio.gather(*(asyncio.to_thread(platform.start_service, name) for name in SERVICES))
        platform.running |= zip(SERVICES, started, strict=True)
        platform.running[DOORKEEPER] = await asyncio.to_thread(platform.start_doorkeeper)


async def both(platform: Platform, backups: list[Backup], action: str) -> dict[str, tuple[int, str]]:
    """The command for each service, side by side: its exit code and what it says."""
    done = await asyncio.gather(*(asyncio.to_thread(restore, platform, one, action) for one in backups))
    return dict(zip(SERVICES, done, strict=True))


def restore(platform: Platform, backup: Backup, action: str) -> tuple[int, str]:
    """The operator's command, in the service's environment and with a user who may read all topics."""
    admin = platform.servers.kafka.admin
    settings = platform.services[backup.service].environment() | {
        "KFI_RESTORE_KAFKA_USERNAME": admin.username,
        "KFI_RESTORE_KAFKA_PASSWORD": admin.password,
    }
    words = ["restore", action, "--service", backup.service, "--to", backup.taken_at.isoformat()]
    done = subprocess.run(
        [installed("kfi"), *words], env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


def assert_told(
    planned: dict[str, tuple[int, str]], applied: dict[str, tuple[int, str]], cases: Cases, filed_later: Case
) -> None:
    """The plan names each event; what is left to people is told by case and reason."""
    assert {code for code, _ in planned.values()} == {0}
    plan = planned["applications"][1]
    assert f"applications.decision-made.v1 {cases.decided_later.id} sequence 2" in plan
    assert f"applications.application-filed.v1 {filed_later.id} sequence 1" in plan
    assert (
        f"notifications.notification-dispatched.v1 {cases.decided_later.letter_id} sequence 1"
        in planned["notifications"][1]
    )
    codes = {name: code for name, (code, _) in applied.items()}
    assert codes == {"allocation": 0, "applications": 1, "notifications": 0}, applied
    left = Counter(
        line.split()[-1] for line in applied["applications"][1].splitlines() if line.startswith("for a person")
    )
    assert left == Counter(["application_lost", "signatory_unknown", "waiver_lost"]), applied["applications"][1]


def letters(platform: Platform) -> dict[str, str]:
    """The letters in the print spool, with the digests of their bytes."""
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in platform.spool.glob("*/*.pdf")}


async def people_go_on(office: Office, cases: Cases, filed_later: Case) -> None:
    """What was decided stays so; what was in hand goes on; a new case gets a new number."""
    for case in (cases.announced_later, cases.decided_later):
        seen = (await office.people.caseworker.get(case.path)).document
        assert seen["state"] == "final"
        case.etag = (await office.people.caseworker.get(case.path)).etag
    decided = (await office.people.caseworker.get(cases.decided_later.path)).document["decision"]
    assert decided["letter_id"] == cases.decided_later.letter_id
    with pytest.raises(Refused):
        await office.act(
            office.people.signatory, cases.decided_later, "signature", {"digest": cases.decided_later.digest}
        )
    await office.sign(cases.in_hand)
    await office.event(NotificationDispatched, notification_id=cases.in_hand.letter_id)
    assert (await office.filed()).file_number > filed_later.file_number


async def nothing_happened_twice(bus: Bus, platform: Platform, before: Outside) -> None:
    """No number of an event is given again, no letter and no e-mail leaves once more."""
    assert await claimed_twice(bus) <= before.claimed_twice
    assert {file: digest for file, digest in letters(platform).items() if file in before.letters} == before.letters
    assert {one: platform.mails.copies()[one] for one in before.mails} == dict(before.mails)


async def claimed_twice(bus: Bus) -> set[tuple[str, bytes | None, str]]:
    """The places on Kafka (topic, key, sequence) that more than one event claims."""
    ids: dict[tuple[str, bytes | None, str], set[str]] = defaultdict(set)
    for topic in TOPICS:
        for record in await bus.records(topic):
            headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
            ids[topic, record.key, headers.get("ce_sequence", "")].add(headers.get("ce_id", ""))
    return {place for place, found in ids.items() if len(found) > 1}


async def the_desk_is_cleared(bus: Bus, platform: Platform, cases: Cases, filed_later: Case) -> None:
    """Each event that is left to a person lies there; whoever has seen to it discards it."""
    query = """
        SELECT number, reason, convert_from(key, 'UTF8') AS case FROM dead_letter
        WHERE reason LIKE 'restore:%' AND resolved_at IS NULL
    """
    rows = await bus.rows("applications", query)
    assert {(row["case"], row["reason"]) for row in rows} == {
        (filed_later.id, "restore:application_lost"),
        (cases.decided_later.id, "restore:signatory_unknown"),
        (cases.decided_later.id, "restore:waiver_lost"),
    }
    words = ("dead-letters", "discard", "--service", "applications", "--reason", "DRILL-1")
    for row in rows:
        await asyncio.to_thread(platform.command, "kfi", *words, str(row["number"]), service="applications")


async def everything_is_whole(bus: Bus, platform: Platform) -> None:
    """No deadline is missed, nothing waits for ever, every audit chain is whole."""
    today: date = platform.calendar.today()
    missed = "SELECT count(*) = 0 FROM deadline WHERE closed_at IS NULL AND due_on < $1"
    await until(lambda: _first(bus, "notifications", missed, today), "no deadline is missed")
    for name in SERVICES:
        told = await asyncio.to_thread(platform.command, "kfi", "audit", "verify", "--service", name, service=name)
        assert "are whole" in told
    runs = "SELECT count(*) FROM audit WHERE aggregate = 'restore'"
    assert [await _first(bus, name, runs) for name in SERVICES] == [1] * len(SERVICES)


async def entered_again(platform: Platform, lost: Mapping[str, str]) -> None:
    """The lost case as a person would have entered it: the tests that follow count the numbers of files."""
    async with connection_to(platform.databases["applications"].owner_url) as owner:
        for table, rows in lost.items():
            names = await owner.fetchval(
                "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
                " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'position'",
                table,
            )
            found = f"SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, $1)"  # noqa: S608 - tables of ours
            await owner.execute(f"INSERT INTO {table} ({names}) {found}", rows)
