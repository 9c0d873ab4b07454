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
            await dealt_with(bus, consumer.group, topic)
    return monotonic() - began


async def dealt_with(bus: Bus, group: str, topic: str) -> None:
    """Wait until the group has committed all that is on the topic by now."""
    ends = await bus.ends(topic)

    async def everything() -> bool:
        committed = await bus.committed(group, topic)
        return all(committed.get(place, 0) >= end for place, end in ends.items() if end)

    await until(everything, f"{group} has dealt with {topic}")
