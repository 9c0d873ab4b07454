"""Three questions about a process, each with its own audience.

/health/live     should it be restarted?  the event loop answers and every task of it makes progress
/health/ready    should it get requests?  database reached, schema as the code expects, not draining
/health/details  what is going on?  everything, Kafka's lag and the outbox's age too; for operators only

Kafka is no part of readiness: with the broker away, commands still work and the outbox keeps their events.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Check = Callable[[], Awaitable[bool]]
Detail = Callable[[], Awaitable[Mapping[str, Any]]]
IsProgressing = Callable[[], bool]

CHECK_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Report:
    """The answer to one of the questions: yes or no, and each part of it."""

    ok: bool
    parts: Mapping[str, Any]


@dataclass
class Health:
    """Knows the parts of a process and asks them."""

    draining: bool = False
    _tasks: dict[str, IsProgressing] = field(default_factory=dict)
    _checks: dict[str, Check] = field(default_factory=dict)
    _details: dict[str, Detail] = field(default_factory=dict)

    def watch(self, name: str, is_progressing: IsProgressing) -> None:
        """A task whose standstill means the process must be restarted."""
        self._tasks[name] = is_progressing

    def require(self, name: str, check: Check) -> None:
        """Something the process cannot answer requests without."""
        self._checks[name] = check

    def describe(self, name: str, detail: Detail) -> None:
        """Something operators want to see: numbers, ages, ids."""
        self._details[name] = detail

    def live(self) -> Report:
        """Whether every task makes progress."""
        parts = {name: is_progressing() for name, is_progressing in self._tasks.items()}
        return Report(all(parts.values()), parts)

    async def ready(self) -> Report:
        """Whether requests can be served; no check may take longer than CHECK_SECONDS."""
        results = await asyncio.gather(*(_holds(check) for check in self._checks.values()))
        parts = {**dict(zip(self._checks, results, strict=True)), "not_draining": not self.draining}
        return Report(all(parts.values()), parts)

    async def details(self) -> Report:
        """Everything there is to tell; a part that cannot be read says so and hides no other."""
        ready, live = await self.ready(), self.live()
        read = await asyncio.gather(*(_read(detail) for detail in self._details.values()))
        told = dict(zip(self._details, read, strict=True))
        return Report(live.ok and ready.ok, {"live": live.parts, "ready": ready.parts, **told})


async def _holds(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception:  # noqa: BLE001 - whatever keeps a check from saying yes means no
        return False


async def _read(detail: Detail) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await detail()
    except Exception as error:  # noqa: BLE001 - an operator needs the other parts most when one is broken
        return {"cannot_be_read": type(error).__name__}
