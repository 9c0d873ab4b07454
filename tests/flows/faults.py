"""Faults a person must deal with: each is caused, its alert seen, its page followed, the alert seen silent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from tests.harness.bus import Bus, Sent
from tests.harness.events import Writable, email_order
from tests.harness.office import Office
from tests.harness.outages import frozen
from tests.harness.watch import Watch

from kfi_chassis.testkit.deletion import delete_before
from kfi_contracts.applications import ApplicationFiled
from kfi_contracts.notifications import NotificationOrdered
from kfi_stack.databases import connection_to
from kfi_stack.errors import StackError
from kfi_stack.kafka_admin import KafkaAdmin
from kfi_stack.mail_folder import Behaviour
from kfi_stack.running_platform import Platform

ORDERS = NotificationOrdered.topic
DESK, HOLDS = "/notifications/v1/dead-letters", "/notifications/v1/holds"
PARTITION = 5
UNREADABLE = 5
DELETED = 20
"""More records than the answer can hold that the frozen process had asked for before; it reads those all the same."""
UNVERIFIED = {"name": "AuditNotVerified", "job": "kfi-notifications"}
USUAL_BYTES = "1048588"


async def unreadable_events(watch: Watch, office: Office, bus: Bus) -> None:
    """One side sends what the other does not take; the operator looks at each at the desk, and discards it there."""
    alerts = [{"name": name, "job": "kfi-notifications"} for name in ("DeadLetters", "DeadLettersRise")]
    assert not any([await watch.firing(**alert) for alert in alerts])
    keys = [uuid4().bytes for _ in range(UNREADABLE)]
    await bus.send("applications", ORDERS, [Sent(b"no event", key=key) for key in keys])
    await watch.all_fire(*alerts)
    for row in await bus.rows("notifications", "SELECT number FROM dead_letter WHERE key = ANY($1)", keys):
        letter = await office.people.operator.get(f"{DESK}/{row['number']}")
        await office.people.operator.act(f"{DESK}/{row['number']}/discard", letter.etag, {"reason": "OPS-17"})
    await watch.all_fall_silent(*alerts)


async def a_letter_that_cannot_leave_and_is_held_then(
    watch: Watch, office: Office, bus: Bus, platform: Platform
) -> None:
    waits = {"name": "LettersWaiting", "step": "email", "obstacle": "mail_server_delays"}
    breaks = {"name": "SloBurnsSlowly", "job": "kfi-notifications", "slo": "letters"}
    is_held = {"name": "LettersHeld", "step": "email"}
    alerts = (waits, breaks, is_held)
    assert not any([await watch.firing(**alert) for alert in alerts])
    order, operator = email_order(platform, "late@verein.example"), office.people.operator
    platform.mails.behave(Behaviour.REFUSE_TEMPORARILY)
    try:
        await bus.send("applications", ORDERS, [Writable.of(order).record])
        await watch.all_fire(waits, breaks)
        held = {"scope": "notification", "target": str(order.notification_id), "reason": "addressee"}
        hold = await operator.create(HOLDS, held)
        await watch.fires(**is_held)
    finally:
        platform.mails.behave(Behaviour.ACCEPT)
    await operator.act(f"{HOLDS}/{hold.document['id']}/release", hold.etag)
    await watch.all_fall_silent(*alerts)


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


async def an_event_the_broker_refuses(watch: Watch, office: Office, bus: Bus, platform: Platform) -> None:
    alert = {"name": "OutboxParked", "job": "kfi-applications"}
    assert not await watch.firing(**alert)
    kafka, topic = platform.servers.kafka, ApplicationFiled.topic
    admin = KafkaAdmin(kafka.bootstrap, kafka.security, kafka.admin)
    await asyncio.to_thread(admin.set_topic_settings, {topic: {"max.message.bytes": "200"}})
    try:
        await office.filed()
        await watch.fires(**alert)
        parked = await bus.rows("applications", "SELECT parked_reason FROM outbox WHERE parked_reason IS NOT NULL")
        assert {row["parked_reason"] for row in parked} == {"too_large"}
    finally:
        await asyncio.to_thread(admin.set_topic_settings, {topic: {"max.message.bytes": USUAL_BYTES}})
    await bus.rows("applications", "UPDATE outbox SET parked_reason = NULL WHERE parked_reason IS NOT NULL")
    await watch.falls_silent(**alert)


async def a_process_frozen_while_records_are_deleted(watch: Watch, bus: Bus, platform: Platform) -> None:
    down = {"name": "ProcessDown", "job": "kfi-notifications"}
    lost = {"name": "RecordsUnaccounted", "job": "kfi-notifications", "topic": ORDERS}
    await watch.all_fall_silent(down, lost)
    await ordered(1, bus, platform)
    await bus.caught_up("notifications", ORDERS)
    async with frozen(platform.running["notifications"]):
        *_, last = await ordered(DELETED + 1, bus, platform)
        await delete_before(last, TopicPartition(ORDERS, PARTITION), platform.servers.kafka.client_settings())
        await watch.fires(**down)
    await watch.fires(**lost)
    platform.running["notifications"].kill()
    await started_without_a_worker(watch, platform)
    await watch.all_fall_silent(down, lost)


async def a_letter_nobody_will_send(watch: Watch, bus: Bus, platform: Platform) -> None:
    """A hand in the database: a letter is said not to be retrieved, and no worker has it; it is seen at a start."""
    alert = {"name": "InvariantBroken", "job": "kfi-notifications"}
    assert not await watch.firing(**alert)
    ((letter,),) = await bus.rows("notifications", "SELECT id FROM notification WHERE state = 'dispatched' LIMIT 1")
    said = "UPDATE notification SET state = $2 WHERE id = $1"
    async with connection_to(platform.databases["notifications"].owner_url) as owner:
        await owner.execute(said, letter, "not-retrieved")
        await started_again(platform)
        try:
            await watch.fires(**alert)
        finally:
            await owner.execute(said, letter, "dispatched")
    await started_again(platform)
    await watch.falls_silent(**alert)


async def started_again(platform: Platform) -> None:
    """The notifications service ends and is there again."""
    stopped = platform.running["notifications"]
    await asyncio.to_thread(stopped.stop)
    platform.supervisor.forget(stopped)
    platform.running["notifications"] = await asyncio.to_thread(platform.start_service, "notifications")


async def started_without_a_worker(watch: Watch, platform: Platform) -> None:
    """Nobody recomputes the audit then; the page says to start a worker, whose first round a later test waits for."""
    platform.supervisor.forget(platform.running["notifications"])
    workless = replace(platform.services["notifications"], roles=("api", "consumer", "relay"))
    program = workless.program(platform.folder / "logs")
    platform.running["notifications"] = await asyncio.to_thread(platform.supervisor.start, program)
    await watch.fires(**UNVERIFIED)
    await started_again(platform)


async def ordered(count: int, bus: Bus, platform: Platform) -> list[int]:
    """Orders e-mails, all in one partition; the offsets of the orders."""
    orders = [email_order(platform, f"{uuid4().hex}@verein.example") for _ in range(count)]
    records = [replace(Writable.of(order).record, partition=PARTITION) for order in orders]
    return await bus.send("applications", ORDERS, records)
