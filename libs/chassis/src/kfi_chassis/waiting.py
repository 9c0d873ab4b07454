"""Waiting for what a process needs, instead of dying: it says what it waits for, and goes on when it is there."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from kfi_chassis import logs
from kfi_chassis.transient import is_outage

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_SAY_EVERY_SECONDS: Final = 10.0


async def until(
    ready: Callable[[], Awaitable[bool]],
    *,
    waiting_for: str,
    stop: asyncio.Event | None = None,
    at_most_seconds: float = float("inf"),
) -> bool:
    """Wait until `ready` says yes; false when told to stop, or after the longest wait.

    An outage counts as no; any other error is the caller's.
    """
    began = time.monotonic()
    said = -_SAY_EVERY_SECONDS
    pause = _FIRST_PAUSE
    while not await _asked(ready):
        waited = time.monotonic() - began
        if waited >= at_most_seconds or (stop is not None and stop.is_set()):
            return False
        if waited - said >= _SAY_EVERY_SECONDS:
            logs.event("waiting", level=logging.WARNING, waiting_for=waiting_for, seconds=round(waited, 1))
            said = waited
        await _pause(pause, stop)
        pause = min(pause * 2, _LONGEST_PAUSE)
    if said >= 0:
        logs.event("reached", reached=waiting_for, seconds=round(time.monotonic() - began, 1))
    return True


async def _asked(ready: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await ready()
    except Exception as error:
        if is_outage(error):
            return False
        raise


async def _pause(seconds: float, stop: asyncio.Event | None) -> None:
    if stop is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
