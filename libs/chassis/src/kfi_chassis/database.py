"""How the chassis reaches PostgreSQL: bounded in every wait, so that a frozen server is an error and not a silence."""

import time
from functools import partial
from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

STATEMENT_SECONDS: Final = 10.0
"""No statement of a service takes longer; one that does meets a frozen server or a lock nobody gives back."""
DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All asyncpg raises on a connection. The last is what a server's death in the middle of an answer may leave behind."""
QUIET_SECONDS: Final = 1.0
"""A connection that was used so lately is not asked whether it lives; asking costs more than most statements."""

_USED: Final = "used"
_DETECT_DEAD_PEERS: Final = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}


def create_engine(
    url: str, *, pool_size: int = 10, connect_seconds: float = 5.0, statement_seconds: float = STATEMENT_SECONDS
) -> AsyncEngine:
    """Make the engine of a service: asyncpg, every wait bounded, dead connections replaced before they are used.

    A connection the server has closed is known without asking; one that was quiet is asked. The URL is read as libpq
    reads it, `sslmode` and `sslrootcert` included, here as in `connect`.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=connect_seconds,
        async_creator=partial(
            asyncpg.connect,
            dsn=plain_url(url),
            timeout=connect_seconds,
            command_timeout=statement_seconds,
            server_settings=_DETECT_DEAD_PEERS,
        ),
    )
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", partial(_see_alive, engine.dialect))
    return engine


def _note_use(_connection: object, record: Any) -> None:
    record.info[_USED] = time.monotonic()


def _see_alive(dialect: Dialect, connection: Any, record: Any, _proxy: object) -> None:
    """Raise InvalidatePoolError, on which the pool connects anew, for a connection that is dead."""
    used = record.info.get(_USED)
    if used is None:
        return
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    if time.monotonic() - used > QUIET_SECONDS and not dialect._do_ping_w_event(connection):
        raise InvalidatePoolError


async def connect(url: str, *, name: str, **server_settings: str) -> "asyncpg.Connection":
    """Open one connection of its own, for session locks and LISTEN; past any pooler."""
    return await asyncpg.connect(
        dsn=plain_url(url),
        timeout=5.0,
        command_timeout=STATEMENT_SECONDS,
        server_settings={**_DETECT_DEAD_PEERS, **server_settings, "application_name": name},
    )


def plain_url(url: str) -> str:
    """The URL without SQLAlchemy's driver, as asyncpg reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
