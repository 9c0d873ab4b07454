"""An event nobody can read: parked with its reason, shown at the desk, discarded by a person."""

import asyncio
from time import monotonic

from aiokafka import AIOKafkaProducer

from kfi_contracts.topics import ORDERS
from kfi_stack.databases import connection_to
from kfi_stack.demo.screen import Screen
from kfi_stack.errors import StackError
from kfi_stack.running_platform import Platform

OPEN = "SELECT count(*) FROM dead_letter"
PATIENCE_SECONDS = 20.0


async def send_unreadable_event(platform: Platform, screen: Screen) -> None:
    """Put a broken order on the sealed topic and follow it to the desk. Raises StackError if it is not parked."""
    screen.chapter("An event that nobody can read")
    today = f"{platform.calendar.today()}"
    async with AIOKafkaProducer(**platform.servers.kafka.client_settings("applications")) as producer:
        await producer.send_and_wait(ORDERS.name, b"{not json", key=b"poison", headers=[("ce_type", b"\xff\xfe")])
    start = monotonic()
    async with connection_to(platform.databases["notifications"].runtime_url) as connection:
        while not await connection.fetchval(OPEN):
            if monotonic() - start > PATIENCE_SECONDS:
                raise StackError("The broken order was not parked: look into the log of the notifications service.")
            await asyncio.sleep(0.05)
    screen.step("A broken order reaches notifications", seconds=monotonic() - start, today=today, event="parked")
    desk = platform.command("kfi", "dead-letters", "list", "--service", "notifications", service="notifications")
    for line in desk.strip().splitlines():
        screen.say(f"    {line}")
