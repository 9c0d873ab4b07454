"""Which errors are waited out, which are repeated, and which are nobody's but the record's."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kfi_chassis.transient import Contention, VersionConflict, is_conflict, is_outage


def wrapped(error: BaseException) -> DBAPIError:
    """As SQLAlchemy raises what the driver raised."""
    outer = DBAPIError("statement", {}, error)
    outer.__cause__ = error
    return outer


OUTAGES = [
    ConnectionRefusedError(),
    ConnectionResetError(),
    TimeoutError(),
    OSError("Multiple exceptions: [Errno 111], [Errno 111]"),
    PoolTimeoutError(),
    Contention(),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.ConnectionDoesNotExistError(),
    asyncpg.CannotConnectNowError(),
    asyncpg.TooManyConnectionsError(),
    asyncpg.DiskFullError(),
    asyncpg.AdminShutdownError(),
    asyncpg.CrashShutdownError(),
    asyncpg.QueryCanceledError(),
    asyncpg.LockNotAvailableError(),
    asyncpg.InvalidPasswordError(),
    asyncpg.InvalidCatalogNameError(),
    asyncpg.ReadOnlySQLTransactionError(),
    asyncpg.UndefinedTableError(),
    asyncpg.InsufficientPrivilegeError(),
]
CONFLICTS = [VersionConflict(), asyncpg.SerializationError(), asyncpg.DeadlockDetectedError()]
FAULTS = [
    ValueError(),
    KeyError("x"),
    FileNotFoundError(2, "No such file", "letter.typ"),
    asyncpg.UniqueViolationError(),
    asyncpg.CheckViolationError(),
    asyncpg.NumericValueOutOfRangeError(),
    asyncpg.exceptions._base.DataError("invalid input for query argument"),
    VersionConflict(retry=False),
    asyncio.InvalidStateError(),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_outages_are_waited_out_however_they_are_wrapped(error: Exception) -> None:
    assert is_outage(error)
    assert is_outage(wrapped(error))
    assert not is_conflict(error)


@pytest.mark.parametrize("error", CONFLICTS, ids=repr)
def test_conflicts_are_repeated_however_they_are_wrapped(error: Exception) -> None:
    assert is_conflict(error)
    assert is_conflict(wrapped(error)) or isinstance(error, VersionConflict)
    assert not is_outage(error)


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_faults_are_neither(error: Exception) -> None:
    assert not is_outage(error)
    assert not is_conflict(error)
    assert not is_outage(wrapped(error))


def test_a_chain_of_causes_that_closes_on_itself_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert not is_outage(first)
