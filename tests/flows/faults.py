"""Faults a person must deal with: each is caused, its alert seen, its page followed, the alert seen silent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from tests.harness.bus import Bus, Sent
from tests.harness.events import Writable, email_order
from tests.harness.office import Office
from tests.harness.outages import frozen

from kfi_contracts.applications import ApplicationFiled
from kfi_contracts.notifications import NotificationOrdered
from kfi_stack.databases import connection_to
from kfi_stack.errors import StackError
from kfi_stack.kafka_admin import KafkaAdmin
from kfi_stack.mail_folder import Behaviour
from kfi_stack.running_platform import Platform

from .watch import Watch

ORDERS = NotificationOrdered.topic
PARTITION = 5
DELETED = 20
"""More records than the answer can hold that the frozen process had asked for before; it reads those all the same."""
UNVERIFIED = {"name": "AuditNotVerified", "job": "kfi-notifications"}
USUAL_BYTES = "1048588"


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
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in (down, lost)))
    await ordered(1, bus, platform)
    await bus.caught_up("notifications", ORDERS)
    async with frozen(platform.running["notifications"]):
        *_, last = await ordered(DELETED + 1, bus, platform)
        await delete_before(last, platform)
        await watch.fires(**down)
    await watch.fires(**lost)
    platform.running["notifications"].kill()
    await started_without_a_worker(watch, platform)
    await asyncio.gather(*(watch.falls_silent(**alert) for alert in (down, lost)))


async def started_without_a_worker(watch: Watch, platform: Platform) -> None:
    """Nobody recomputes the audit then; the page says to start a worker, whose first round a later test waits for."""
    stopped = platform.running["notifications"]
    platform.supervisor.forget(stopped)
    workless = replace(platform.services["notifications"], roles=("api", "consumer", "relay"))
    running = await asyncio.to_thread(platform.supervisor.start, workless.program(platform.folder / "logs"))
    await watch.fires(**UNVERIFIED)
    await asyncio.to_thread(running.stop)
    platform.supervisor.forget(running)
    platform.running["notifications"] = await asyncio.to_thread(platform.start_service, "notifications")


async def ordered(count: int, bus: Bus, platform: Platform) -> list[int]:
    """Orders e-mails, all in one partition; the offsets of the orders."""
    orders = [email_order(platform, f"{uuid4().hex}@verein.example") for _ in range(count)]
    records = [replace(Writable.of(order).record, partition=PARTITION) for order in orders]
    return await bus.send("applications", ORDERS, records)


async def delete_before(offset: int, platform: Platform) -> None:
    """Has Kafka drop what comes before this offset, as an administrator or retention would."""
    admin = AIOKafkaAdminClient(**platform.servers.kafka.client_settings())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(ORDERS, PARTITION): RecordsToDelete(offset)})
    finally:
        await admin.close()
