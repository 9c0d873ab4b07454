"""A process waits for what it needs and says so, instead of dying."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from kfi_chassis import logs, waiting
from kfi_chassis.waiting import until


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(logs, "event", lambda name, **fields: lines.append((name, fields)))
    monkeypatch.setattr(waiting, "_FIRST_PAUSE", 0.001)
    return lines


def answers(*given: bool | Exception) -> Any:
    remaining: Iterator[bool | Exception] = iter(given)

    async def ready() -> bool:
        answer = next(remaining)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ready


async def test_what_is_there_is_not_waited_for(said: list[Any]) -> None:
    assert await until(answers(True), waiting_for="database") is True
    assert said == []


async def test_waiting_and_reaching_are_told(said: list[Any]) -> None:
    assert await until(answers(ConnectionRefusedError(), False, True), waiting_for="database") is True
    assert [name for name, _ in said] == ["waiting", "reached"]
    assert said[0][1]["waiting_for"] == "database"


async def test_a_stop_ends_the_waiting(said: list[Any]) -> None:
    stop = asyncio.Event()
    stop.set()
    assert await until(answers(False), waiting_for="database", stop=stop) is False


async def test_the_longest_wait_ends_it_too(said: list[Any]) -> None:
    assert await until(answers(False, False), waiting_for="database", at_most_seconds=0.0005) is False


async def test_a_fault_that_is_no_outage_is_not_waited_out(said: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        await until(answers(ZeroDivisionError()), waiting_for="database")
