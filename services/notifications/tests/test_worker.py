"""The worker as it runs: woken by an order, and acting on the days of law."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from kfi_chassis.database import connect
from kfi_chassis.metrics import Metrics
from kfi_chassis.tables import WORK_CHANNEL
from kfi_chassis.waiting import until
from kfi_chassis.worker import RunningWorker
from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_notifications.worker import worker

pytestmark = pytest.mark.servers
PATIENCE = 15.0


@asynccontextmanager
async def working(office: Any) -> AsyncIterator[None]:
    settings = await office.run(settings_of_the_process)
    running, stop = RunningWorker(worker, office.transactions, settings, Metrics()), asyncio.Event()
    task = asyncio.create_task(running.run(stop))
    yield
    stop.set()
    await task


async def settings_of_the_process(work: Any) -> Any:
    return work.settings


async def until_there_are(count: int, events: Callable[[], Awaitable[list[Any]]]) -> list[str]:
    async def are_there() -> bool:
        return len(await events()) >= count

    assert await until(are_there, waiting_for=f"{count} events", at_most_seconds=PATIENCE)
    return [kind for _, kind, _ in await events()]


async def test_from_the_order_to_the_end_of_the_remedy_period_without_a_hand_of_a_person(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]
) -> None:
    async with working(office):
        await office.accept(office.order(content_of(grant_facts)))
        await until_there_are(1, office.events)
        office.on(date(2026, 3, 13))
        await until_there_are(2, office.events)
        office.on(date(2026, 4, 14))
        kinds = await until_there_are(3, office.events)
    assert kinds == ["notification-dispatched.v1", "notification-announced.v1", "remedy-period-ended.v1"]


async def test_each_step_wakes_the_next_so_that_no_letter_waits_for_a_round(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]
) -> None:
    settings = await office.run(settings_of_the_process)
    listening = await connect(settings.database_url, name="test")
    woken: asyncio.Queue[str] = asyncio.Queue()
    await listening.add_listener(WORK_CHANNEL, lambda *told: woken.put_nowait(told[-1]))
    try:
        await office.accept(office.order(content_of(grant_facts)))
        await office.deliver()
        async with asyncio.timeout(PATIENCE):
            assert [await woken.get(), await woken.get()] == ["prepare", "letter"]
    finally:
        listening.terminate()
