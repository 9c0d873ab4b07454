"""A process that is told to stop: readiness red first, then what is in flight is finished, then it is gone."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from kfi_chassis.health import Health
from kfi_chassis.shutdown import Part, Shutdown


def shutdown(health: Health | None = None, *, drain: float = 0.0, grace: float = 5.0) -> Shutdown:
    return Shutdown(health or Health(), drain_seconds=drain, grace_seconds=grace)


def finishing(done: list[str], name: str = "part", turns: int = 3) -> Part:
    async def part(stop: asyncio.Event) -> None:
        await stop.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        done.append(name)

    return part


async def endless(_stop: asyncio.Event) -> None:
    await asyncio.Event().wait()


async def test_what_is_in_flight_is_finished() -> None:
    done: list[str] = []
    process = shutdown()
    process.ask()
    assert await process.run([finishing(done, "consumer"), finishing(done, "requests")]) is True
    assert sorted(done) == ["consumer", "requests"]


async def test_readiness_is_red_before_anything_stops() -> None:
    health = Health()
    process = shutdown(health, drain=0.05)

    async def part(stop: asyncio.Event) -> None:
        assert (await health.ready()).ok
        process.ask()
        while not health.draining:  # noqa: ASYNC110 - what is promised is the flag itself
            await asyncio.sleep(0)
        assert not stop.is_set()
        await stop.wait()

    assert await process.run([part]) is True


async def test_the_grace_period_ends_what_does_not_finish() -> None:
    process = shutdown(grace=0.05)
    process.ask()
    assert await process.run([endless]) is False


@pytest.mark.parametrize("drain", [0.0, 60.0])
async def test_a_second_signal_cancels_at_once(drain: float) -> None:
    process = shutdown(drain=drain, grace=60)
    process.ask()
    process.ask()
    async with asyncio.timeout(5):
        assert await process.run([endless]) is False


async def test_a_part_that_fails_ends_the_process_with_its_error() -> None:
    cancelled: list[str] = []

    async def other(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append("other")

    async def broken(_stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as raised:
        await shutdown().run([other, broken])
    assert raised.group_contains(ZeroDivisionError)
    assert cancelled == ["other"]


async def test_a_process_whose_parts_are_done_ends_by_itself() -> None:
    async def short(_stop: asyncio.Event) -> None:
        return

    assert await shutdown().run([short]) is True


async def test_no_task_is_left_behind() -> None:
    process = shutdown(grace=0.01)
    process.ask()
    await process.run([endless])
    await asyncio.sleep(0)
    left: set[Any] = asyncio.all_tasks() - {asyncio.current_task()}
    assert left == set()


async def test_what_does_not_even_end_when_cancelled_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kfi_chassis.shutdown.UNWIND_SECONDS", 0.05)
    release = asyncio.Event()

    async def stubborn(_stop: asyncio.Event) -> None:
        with suppress(asyncio.CancelledError):
            await release.wait()
        await release.wait()

    process = shutdown(grace=0.01)
    process.ask()
    async with asyncio.timeout(5):
        assert await process.run([stubborn]) is False
    release.set()
