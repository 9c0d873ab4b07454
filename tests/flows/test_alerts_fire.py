"""Each alert is seen to fire by the real fault it is for, and to fall silent when its page is followed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.harness.bus import Bus, until
from tests.harness.events import Writable, email_order
from tests.harness.office import Office
from tests.harness.outages import frozen, killed_and_started
from tests.harness.watch import Watch, needs_prometheus, watch_at

from kfi_stack.demo.person import Refused
from kfi_stack.demo.story import APPLICATIONS
from kfi_stack.running_platform import Platform
from kfi_stack.supervisor import Supervisor

from .faults import (
    ORDERS,
    UNVERIFIED,
    a_deadline_about_nothing,
    a_letter_nobody_will_send,
    a_letter_that_cannot_leave_and_is_held_then,
    a_process_frozen_while_records_are_deleted,
    an_audit_row_that_was_changed,
    an_event_the_broker_refuses,
    unreadable_events,
)

ROUNDS_OF_PATIENCE = 6
pytestmark = [pytest.mark.stack, pytest.mark.servers, needs_prometheus, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def watch(platform: Platform, bus: Bus, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watch]:
    """A Prometheus at the platform; letters that other tests left at the desk are none of its business."""
    ((left,),) = await bus.rows("notifications", "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")
    thresholds = {
        "OutboxOld": ("> 300", "> 2"),
        "ConsumerNotProgressing": ("> 300", "> 3"),
        "LettersWaiting": ("> 900", "> 2"),
        "letters_late": ("> bool 900", "> bool 2"),
        "LettersHeld": ("> 86400", "> 2"),
        "EventsOld": ("> 60", "> 1"),
        "WorkerNotProgressing": ("> 5", "> 0"),
        "AuditNotVerified": ("> 86400", "> 600"),
        "DeadLetters": ("> 0", f"> {left}"),
        "DeadLettersRise": ("> 20", "> 2"),
    }
    async with watch_at(platform, tmp_path_factory.mktemp("prometheus"), thresholds) as watch:
        yield watch


async def test_what_a_person_must_look_at(watch: Watch, office: Office, bus: Bus, platform: Platform) -> None:
    await office.filed()
    await asyncio.gather(
        unreadable_events(watch, office, bus),
        a_letter_that_cannot_leave_and_is_held_then(watch, office, bus, platform),
        a_deadline_about_nothing(watch, bus, platform),
        an_audit_row_that_was_changed(watch, platform),
        an_event_the_broker_refuses(watch, office, bus, platform),
    )


async def test_a_process_frozen_while_records_are_deleted(watch: Watch, bus: Bus, platform: Platform) -> None:
    await a_process_frozen_while_records_are_deleted(watch, bus, platform)


async def test_a_hand_in_the_database(watch: Watch, bus: Bus, platform: Platform) -> None:
    await a_letter_nobody_will_send(watch, bus, platform)


async def test_kafka_frozen(watch: Watch, office: Office, session_servers: Any, platform: Platform) -> None:
    alerts = [
        {"name": "OutboxOld", "job": "kfi-applications"},
        {"name": "ConsumerNotProgressing", "consumer": "notifications"},
    ]
    await watch.all_fall_silent(*alerts)
    async with frozen(servers(session_servers).running("Apache Kafka")):
        await office.filed()
        await watch.all_fire(*alerts)
        assert await health(platform, "ready") == {200}
        assert await health(platform, "live") == {200}
    await watch.all_fall_silent(*alerts)


async def test_postgresql_frozen(session_servers: Any, platform: Platform) -> None:
    async with frozen(servers(session_servers).running("PostgreSQL")):
        await until(lambda: answers(platform, "ready", 503), "readiness is red")
        assert await health(platform, "live") == {200}
    await until(lambda: answers(platform, "ready", 200), "readiness is green again")


async def test_postgresql_killed(
    watch: Watch, office: Office, bus: Bus, session_servers: Any, platform: Platform
) -> None:
    order = Writable.of(email_order(platform, "bank@verein.example"))
    alerts = [
        {"name": "RelayMissing", "job": "kfi-applications"},
        {"name": "ConsumerNotProgressing", "consumer": "notifications"},
        {"name": "WorkerNotProgressing", "worker": "letter"},
        {"name": "HttpErrors", "job": "kfi-applications"},
        {"name": "SloBurnsFast", "job": "kfi-applications", "slo": "http"},
    ]
    late = {"name": "EventsOld", "topic": ORDERS}
    await watch.all_fall_silent(*alerts, late)
    supervisor = servers(session_servers)
    postgresql = supervisor.running("PostgreSQL")
    postgresql.kill()
    try:
        await until(lambda: answers(platform, "ready", 503), "readiness is red")
        await bus.send("applications", ORDERS, [order.record])
        async with people_who_go_on_asking(office):
            await watch.all_fire(*alerts)
        assert await health(platform, "live") == {200}
    finally:
        await asyncio.to_thread(killed_and_started, supervisor, postgresql)
    await until(lambda: answers(platform, "ready", 200), "readiness is green again")
    await watch.fires(**late)
    await watch.all_fall_silent(*alerts, late)


async def test_the_audit_is_recomputed_again(watch: Watch) -> None:
    """A worker is there again; its first round takes the longer, the more the tests before have recorded."""
    for _ in range(ROUNDS_OF_PATIENCE):
        with suppress(TimeoutError):
            await watch.falls_silent(**UNVERIFIED)
            break
    assert not await watch.firing(**UNVERIFIED)


@asynccontextmanager
async def people_who_go_on_asking(office: Office) -> AsyncIterator[None]:
    """Somebody who looks at the applications again and again, whatever the answer is."""

    async def ask() -> None:
        while True:
            with suppress(Refused):
                await office.people.caseworker.get(APPLICATIONS)
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(ask())
    yield
    asking.cancel()


async def health(platform: Platform, question: str) -> set[int]:
    """What all services answer."""
    async with httpx2.AsyncClient(timeout=10) as http:
        asked = [http.get(f"{service.url}/health/{question}") for service in platform.services.values()]
        return {answer.status_code for answer in await asyncio.gather(*asked)}


async def answers(platform: Platform, question: str, status: int) -> bool:
    return await health(platform, question) == {status}


def servers(session_servers: Any) -> Supervisor:
    """The servers of the session. Skips the test where they are not ours."""
    if session_servers.mode != "embedded":
        pytest.skip("external servers are not ours to freeze: run with KFI_SERVERS=embedded")
    supervisor: Supervisor = session_servers.supervisor
    return supervisor
