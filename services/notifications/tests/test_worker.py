"""The worker as it runs: woken by an order, and acting on the days of law."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from kfi_chassis.database import connect
from kfi_chassis.tables import WORK_CHANNEL
from kfi_chassis.waiting import until
from kfi_chassis.worker import RunningWorker
from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_notifications.metrics import NotificationsMetrics
from kfi_notifications.worker import letters_that_wait, worker

pytestmark = pytest.mark.servers
PATIENCE = 15.0


@asynccontextmanager
async def working(office: Any) -> AsyncIterator[None]:
    settings = await office.run(settings_of_the_process)
    stop, metrics = asyncio.Event(), NotificationsMetrics()
    running = RunningWorker(worker, office.transactions, settings, metrics)
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


async def test_what_waits_is_measured_by_step_and_obstacle_until_it_has_left(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]
) -> None:
    metrics = NotificationsMetrics()
    stopped = {"step": "letter", "obstacle": "print_spool_unavailable"}
    in_the_way = office.folder / "spool"
    in_the_way.write_text("a file where the folder should be")
    await office.accept(office.order(content_of(grant_facts)))
    await letters_that_wait(office.transactions, metrics)
    assert metrics.registry.get_sample_value("letters_waiting", {"step": "prepare", "obstacle": "none"}) == 1
    await office.deliver()
    office.clock.advance(timedelta(hours=1))
    await letters_that_wait(office.transactions, metrics)
    assert metrics.registry.get_sample_value("letters_waiting", {"step": "prepare", "obstacle": "none"}) is None
    assert metrics.registry.get_sample_value("letters_waiting", stopped) == 1
    assert 3590 <= (metrics.registry.get_sample_value("letters_oldest_age_seconds", stopped) or 0) < 3700
    in_the_way.unlink()
    await office.deliver()
    await letters_that_wait(office.transactions, metrics)
    assert metrics.registry.get_sample_value("letters_waiting", stopped) is None
