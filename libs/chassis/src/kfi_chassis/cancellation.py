"""Tells a cancellation that somebody asked for from one that only leaked out of some inner task."""

import asyncio


def asked_to_end() -> bool:
    """True when the current task itself was cancelled; then a CancelledError must go on."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
