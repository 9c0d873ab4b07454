"""Which errors will pass by themselves, which mean "try again at once", and which will come back for ever.

An outage (the server is away, frozen, full, or not yet what the code expects) is waited out: nothing is parked, HTTP
answers 503. A conflict (two transactions met) is repeated in a fresh transaction. Everything else is the record's or
the code's own fault. Classes are those of the PostgreSQL manual, appendix A.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

import asyncpg
from sqlalchemy import exc as sa

_OUTAGE_CLASSES: Final = frozenset({"08", "28", "3D", "53", "57", "58"})
"""Connection, credentials, no such database, out of resources, operator intervention, system error."""
_OUTAGE_STATES: Final = frozenset({"55P03", "25006", "42501", "42P01", "42703"})
"""Lock not available, read-only after a failover; right, table or column missing: migrations are behind the code."""
_CONFLICT_STATES: Final = frozenset({"40001", "40P01"})
"""Serialisation failure, deadlock."""


class VersionConflict(Exception):
    """Somebody else saved the aggregate first: an `UPDATE ... WHERE version = expected` hit no row.

    With `retry` (the default) the use case runs again in a fresh transaction; without, the caller is told at once.
    """

    def __init__(self, message: str = "the aggregate was saved by somebody else", *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


class Contention(Exception):
    """A conflict came back at every attempt; it will pass, so it is treated like an outage."""


class NotHereYet(Exception):
    """Something from outside of the database that this process needs is not here: a key of the next deployment."""


def is_conflict(error: BaseException) -> bool:
    """True for what a fresh transaction may cure at once."""
    if isinstance(error, VersionConflict):
        return error.retry
    return any(state in _CONFLICT_STATES for state in _sqlstates(error))


def is_outage(error: BaseException) -> bool:
    """True for what will pass by itself: nothing is wrong with the record or the request."""
    return any(_is_outage(link) for link in _chain(error))


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, Contention | NotHereYet):
        return True
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return state in _OUTAGE_STATES or str(state)[:2] in _OUTAGE_CLASSES
    if isinstance(error, sa.DBAPIError):
        return error.connection_invalidated
    if isinstance(error, OSError):
        # an error about a file names it; one about a connection does not
        return error.filename is None
    if isinstance(error, asyncpg.InterfaceError):
        # a lost connection, but not an argument of the wrong type, which is a ValueError as well
        return not isinstance(error, ValueError)
    return isinstance(error, sa.TimeoutError | asyncio.IncompleteReadError | asyncpg.InternalClientError)


def _sqlstates(error: BaseException) -> Iterator[str]:
    for link in _chain(error):
        state = getattr(link, "sqlstate", None)
        if state is not None:
            yield str(state)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver said, and what caused it; drivers wrap one another."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if any(link is earlier for earlier in seen):
            continue
        seen.append(link)
        yield link
        inner = (getattr(link, "orig", None), link.__cause__)
        waiting.extend(error for error in inner if isinstance(error, BaseException))
