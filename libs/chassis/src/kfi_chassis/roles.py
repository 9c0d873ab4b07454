"""The roles of a process besides its API: each waits for the database, works, and finishes what it has in flight."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from prometheus_client import CollectorRegistry

from kfi_chassis import logs
from kfi_chassis.health import Health
from kfi_chassis.shutdown import Part
from kfi_chassis.waiting import until

_OF_THE_RUNTIME: Final = ("process_", "python_")


class Runner(Protocol):
    """The running side of a role: the consumer, the relay, the workers."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, and finish what is in flight; outages of broker and database are waited out."""

    def progressing(self) -> bool:
        """Whether its tasks are alive and move on; false means the process must be restarted."""


def runner_part(name: str, runner: Runner, health: Health, database_ready: Callable[[], Awaitable[bool]]) -> Part:
    """The part of a process that runs a role: not before the database has its schema, and watched while it runs."""

    async def part(stop: asyncio.Event) -> None:
        logs.role.set(name)  # each part is a task of its own, and what it starts inherits it
        if await until(database_ready, waiting_for="database", stop=stop):
            health.watch(name, runner.progressing)
            await runner.run(stop)

    return part


async def gauges_of(registry: CollectorRegistry) -> Mapping[str, Any]:
    """What the gauges say now, for operators: lag, ages, counts; no content."""
    samples = (
        sample
        for metric in registry.collect()
        if metric.type == "gauge" and not metric.name.startswith(_OF_THE_RUNTIME)
        for sample in metric.samples
    )
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}
