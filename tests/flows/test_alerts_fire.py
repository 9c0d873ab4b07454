"""Each alert is seen to fire by the real fault it is for, and to fall silent when its page is followed."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from kfi_contracts.notifications import NotificationOrdered
from kfi_stack.databases import connection_to
from kfi_stack.errors import StackError
from kfi_stack.mail_folder import Behaviour
from kfi_stack.running_platform import Platform
from kfi_stack.supervisor import Supervisor

from .bus import Bus, Sent, until
from .events import Writable, email_order
from .office import Office
from .test_whatever_is_killed import frozen, killed_and_started
from .watch import Watch

PROMETHEUS = shutil.which("prometheus")
MISSING = "prometheus is not on the PATH; on Debian: apt-get install prometheus"
ORDERS = NotificationOrdered.topic
pytestmark = [
    pytest.mark.stack,
    pytest.mark.servers,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(PROMETHEUS is None, reason=MISSING),
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def watch(platform: Platform, bus: Bus, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watch]:
    """A Prometheus at the platform; letters that other tests left at the desk are none of its business."""
    ((left,),) = await bus.rows("notifications", "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")
    thresholds = {
        "OutboxOld": ("> 300", "> 2"),
        "ConsumerNotProgressing": ("> 300", "> 3"),
        "LettersWaiting": ("> 900", "> 2"),
        "DeadLetters": ("> 0", f"> {left}"),
    }
    watch = Watch(platform, tmp_path_factory.mktemp("prometheus"), str(PROMETHEUS), thresholds)
    running = await asyncio.to_thread(platform.supervisor.start, watch.program())
    await watch.scraped()
    yield watch
    await watch.close()
    await asyncio.to_thread(running.stop)
    platform.supervisor.forget(running)


async def test_what_a_person_must_look_at(watch: Watch, office: Office, bus: Bus, platform: Platform) -> None:
    await office.filed()
    await asyncio.gather(
        an_unreadable_event(watch, bus, platform),
        a_mail_server_that_says_not_now(watch, bus, platform),
        a_deadline_about_nothing(watch, bus, platform),
        an_audit_row_that_was_changed(watch, platform),
    )


async def test_kafka_frozen(watch: Watch, office: Office, session_servers: Any, platform: Platform) -> None:
    alerts = [
        {"name": "OutboxOld", "job": "kfi-applications"},
        {"name": "ConsumerNotProgressing", "consumer": "notifications"},
    ]
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in alerts))
    async with frozen(servers(session_servers).running("Apache Kafka")):
        await office.filed()
        await asyncio.gather(*(watch.fires(**alert) for alert in alerts))
        assert await health(platform, "ready") == {200}
        assert await health(platform, "live") == {200}
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in alerts))


async def test_postgresql_frozen(session_servers: Any, platform: Platform) -> None:
    async with frozen(servers(session_servers).running("PostgreSQL")):
        await until(lambda: answers(platform, "ready", 503), "readiness is red")
        assert await health(platform, "live") == {200}
    await until(lambda: answers(platform, "ready", 200), "readiness is green again")


async def test_postgresql_killed(watch: Watch, bus: Bus, session_servers: Any, platform: Platform) -> None:
    order = Writable.of(email_order(platform, "bank@verein.example"))
    alerts = [
        {"name": "RelayMissing", "job": "kfi-applications"},
        {"name": "ConsumerNotProgressing", "consumer": "notifications"},
    ]
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in alerts))
    supervisor = servers(session_servers)
    postgresql = supervisor.running("PostgreSQL")
    postgresql.kill()
    try:
        await until(lambda: answers(platform, "ready", 503), "readiness is red")
        await bus.send("applications", ORDERS, [order.record])
        await asyncio.gather(*(watch.fires(**alert) for alert in alerts))
        assert await health(platform, "live") == {200}
    finally:
        await asyncio.to_thread(killed_and_started, supervisor, postgresql)
    await until(lambda: answers(platform, "ready", 200), "readiness is green again")
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in alerts))


async def an_unreadable_event(watch: Watch, bus: Bus, platform: Platform) -> None:
    alert = {"name": "DeadLetters", "consumer": "notifications"}
    assert not await watch.firing(**alert)
    key = uuid4().bytes
    await bus.send("applications", ORDERS, [Sent(b"no event", key=key)])
    await watch.fires(**alert)
    ((number,),) = await bus.rows("notifications", "SELECT number FROM dead_letter WHERE key = $1", key)
    words = ("dead-letters", "discard", "--service", "notifications", str(number), "--reason", "OPS-17")
    await asyncio.to_thread(platform.command, "kfi", *words, service="notifications")
    await watch.falls_silent(**alert)


async def a_mail_server_that_says_not_now(watch: Watch, bus: Bus, platform: Platform) -> None:
    alert = {"name": "LettersWaiting", "step": "email", "obstacle": "mail_server_delays"}
    assert not await watch.firing(**alert)
    platform.mails.behave(Behaviour.REFUSE_TEMPORARILY)
    try:
        await bus.send("applications", ORDERS, [Writable.of(email_order(platform, "late@verein.example")).record])
        await watch.fires(**alert)
    finally:
        platform.mails.behave(Behaviour.ACCEPT)
    await watch.falls_silent(**alert)


async def a_deadline_about_nothing(watch: Watch, bus: Bus, platform: Platform) -> None:
    alert = {"name": "DeadlinesMissed", "kind": "announcement"}
    assert not await watch.firing(**alert)
    added = "INSERT INTO deadline (kind, subject, due_on) VALUES ('announcement', $1, $2) RETURNING id"
    yesterday = platform.calendar.today() - timedelta(days=1)
    ((number,),) = await bus.rows("notifications", added, uuid4(), yesterday)
    await watch.fires(**alert)
    ((failure,),) = await bus.rows("notifications", "SELECT failure FROM deadline WHERE id = $1", number)
    assert "NotificationUnknown" in failure
    closed = "UPDATE deadline SET closed_at = now(), outcome = 'cancelled' WHERE id = $1"
    await bus.rows("notifications", closed, number)
    await watch.falls_silent(**alert)


async def an_audit_row_that_was_changed(watch: Watch, platform: Platform) -> None:
    alert = {"name": "AuditChainBroken", "job": "kfi-applications"}
    assert not await watch.firing(**alert)
    verify = ("audit", "verify", "--service", "applications")
    async with connection_to(platform.databases["applications"].owner_url) as owner:
        row = await owner.fetchrow("SELECT position, person FROM audit ORDER BY position DESC LIMIT 1")
        change = "UPDATE audit SET person = $2 WHERE position = $1"
        await owner.execute(change, row["position"], "nobody")
        try:
            await watch.fires(**alert)
            with pytest.raises(StackError, match="is broken at row"):
                await asyncio.to_thread(platform.command, "kfi", *verify, service="applications")
        finally:
            await owner.execute(change, row["position"], row["person"])
    await watch.falls_silent(**alert)


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
