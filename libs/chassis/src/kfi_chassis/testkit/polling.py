"""Waits for outcomes, never for time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(probe: Callable[[], T | Awaitable[T]], *, within: float = 10.0, every: float = 0.02) -> T:
    """Ask again and again until the answer is true, and return it. Raises TimeoutError with the last answer."""
    deadline = time.monotonic() + within
    while True:
        asked = probe()
        answer: T = await asked if inspect.isawaitable(asked) else asked
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {answer!r} after {within} s")
        await asyncio.sleep(every)
