"""A transaction and what belongs to it. It is opened and closed here; nothing inside commits."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kfi_chassis.audit import Audit
from kfi_chassis.cause import Cause
from kfi_chassis.clock import BusinessCalendar, Clock
from kfi_chassis.deadlines import Deadlines
from kfi_chassis.identity import Principal
from kfi_chassis.outbox import MAX_EVENT_BYTES, Outbox
from kfi_chassis.privacy.persons import Persons
from kfi_chassis.tables import WORK_CHANNEL
from kfi_chassis.transient import Contention, VersionConflict, is_conflict

__all__ = ["Transactions", "VersionConflict", "Work"]

ATTEMPTS: Final = 5
"""How often a transaction that met another one is tried, in all."""

_WAKE: Final = text(f"SELECT pg_notify('{WORK_CHANNEL}', name) FROM unnest(CAST(:names AS text[])) AS name")  # noqa: S608

T = TypeVar("T")


class Work:
    """One transaction. A service subclasses it and adds its repositories as cached properties."""

    def __init__(
        self,
        connection: AsyncConnection,
        *,
        clock: Clock,
        calendar: BusinessCalendar,
        actor: Principal,
        cause: Cause,
        max_event_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.calendar = calendar
        self.actor = actor
        self.outbox = Outbox(clock, max_event_bytes=max_event_bytes)
        self.audit = Audit(clock, actor)
        self.deadlines = Deadlines()
        self._woken: set[str] = set()
        self.follow(cause)

    def follow(self, cause: Cause) -> None:
        """Say what the next events and audit rows follow from; a batch of events changes it for each of them."""
        self.cause = self.outbox.cause = self.audit.cause = cause

    @property
    def correlation_id(self) -> str:
        """The conversation this transaction belongs to."""
        return self.cause.correlation_id

    @cached_property
    def persons(self) -> Persons:
        """Persons' keys and search terms. Raises ConfigurationError in a process without the keys that wrap them."""
        settings: Any = getattr(self, "settings", None)  # a service's own, set by the process that runs it
        return Persons(self.connection, settings.key_ring)

    def wake(self, worker: str) -> None:
        """Wake a worker's step when the transaction commits, so that it need not wait for its next round."""
        self._woken.add(worker)

    async def flush(self) -> None:
        """Write what was recorded, each kind in one statement; the transaction's owner calls it before the commit."""
        await self.audit.flush(self.connection)
        await self.deadlines.flush(self.connection)
        await self.outbox.flush(self.connection)
        if self._woken:
            await self.connection.execute(_WAKE, {"names": sorted(self._woken)})
            self._woken.clear()


W = TypeVar("W", bound=Work)


class Transactions(Generic[W]):
    """Opens and closes the transactions of a service."""

    def __init__(
        self,
        engine: AsyncEngine,
        work_class: type[W],
        *,
        clock: Clock,
        calendar: BusinessCalendar,
        max_event_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.calendar = calendar
        self._work_class = work_class
        self._max_event_bytes = max_event_bytes

    async def run(
        self,
        use: Callable[[W], Awaitable[T]],
        *,
        actor: Principal,
        correlation_id: str | None = None,
        causation_id: str | None = None,
        traceparent: str | None = None,
    ) -> T:
        """Run `use` in one transaction: committed when it returns, rolled back when it raises.

        A VersionConflict, serialisation failure or deadlock is tried again at once in a fresh transaction and with a
        fresh Work, five times in all; then Contention is raised, which passes like an outage. `use` may therefore run
        more than once and must have no effect outside of its Work.
        """
        cause = Cause.begin(correlation_id, causation_id, traceparent)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(use, actor, cause)
            except Exception as error:
                if not is_conflict(error):
                    raise
                if attempt == ATTEMPTS:
                    raise Contention(f"a transaction met others {ATTEMPTS} times") from error
            await asyncio.sleep(0)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(self, use: Callable[[W], Awaitable[T]], actor: Principal, cause: Cause) -> T:
        async with self.engine.begin() as connection:
            work = self._work_class(
                connection,
                clock=self.clock,
                calendar=self.calendar,
                actor=actor,
                cause=cause,
                max_event_bytes=self._max_event_bytes,
            )
            result = await use(work)
            await work.flush()
            return result
