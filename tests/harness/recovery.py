"""How long the platform needs to catch up with what was recorded while something was away."""

from datetime import UTC, datetime
from time import monotonic

from kfi_stack.running_platform import SERVICES

from .bus import Bus, until
from .evidence import CONSUMERS

WAITING = """
    SELECT count(*) FROM outbox_due JOIN outbox USING (position) WHERE parked_reason IS NULL AND occurred_at < $1
"""


async def caught_up(bus: Bus) -> float:
    """Wait until all recorded so far is published and all published so far is dealt with; the seconds it took."""
    began, moment = monotonic(), datetime.now(UTC)
    for name in SERVICES:

        async def published(name: str = name) -> bool:
            return int((await bus.rows(name, WAITING, moment))[0][0]) == 0

        await until(published, f"{name} has published what was recorded")
    for consumer in CONSUMERS.values():
        for topic in consumer.topics():
            await bus.caught_up(consumer.group, topic, await bus.ends(topic))  # people go on meanwhile
    return monotonic() - began
