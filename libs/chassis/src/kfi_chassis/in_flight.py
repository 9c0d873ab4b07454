"""The batches of a consumer that are on their way: one in its transaction, one before it that commits its offsets.

While they are, the next batch is polled and read. It begins only in its turn: once the transaction before it has ended,
and only if nothing of that was held, for a record read ahead must never overtake one that was given back.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Batch:
    """One batch on its way."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        """Its transaction is over, and what it held was given back; its offsets may still be on their way."""
        self.held = False
        self.task: asyncio.Future[None] | None = None

    def end(self, *, held: bool) -> None:
        """Let the next one begin; what it was told first counts."""
        if not self.ended.is_set():
            self.held = held
            self.ended.set()


class InFlight:
    """Two batches at most, the second in its transaction."""

    def __init__(self) -> None:
        self._batches: list[Batch] = []

    def begin(self, deal: Callable[[Batch], Coroutine[Any, Any, None]]) -> None:
        """Deal with a batch in the background; call it only in its turn."""
        batch = Batch()
        batch.task = asyncio.create_task(deal(batch))
        batch.task.add_done_callback(lambda _: batch.end(held=True))
        self._batches.append(batch)

    async def turn(self) -> bool:
        """Wait for one's turn. False when what was read meanwhile must be given back, and read again.

        Raises what a batch before raised, once.
        """
        if not self._batches:
            return True
        last = self._batches[-1]
        await last.ended.wait()
        finished, self._batches = (self._batches, []) if last.held else (self._batches[:-1], [last])
        for batch in finished:
            await _done(batch)
            _raise(batch.task)
        return not last.held

    async def cancel(self, seconds: float) -> None:
        """Give up on whatever is left, and wait so long for each until it has let go."""
        batches, self._batches = self._batches, []
        for batch in batches:
            if batch.task is not None:
                batch.task.cancel()
            await _done(batch, seconds)


async def _done(batch: Batch, seconds: float | None = None) -> None:
    if batch.task is not None:
        await asyncio.wait({batch.task}, timeout=seconds)


def _raise(task: "asyncio.Future[None] | None") -> None:
    if task is not None and not task.cancelled() and (error := task.exception()) is not None:
        raise error
