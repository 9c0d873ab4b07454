"""How the chassis reaches PostgreSQL: bounded in every wait, so that a frozen server is an error and not a silence."""

from functools import partial
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

STATEMENT_SECONDS: Final = 10.0
"""No statement of a service takes longer; one that does meets a frozen server or a lock nobody gives back."""
DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All asyncpg raises on a connection. The last is what a server's death in the middle of an answer may leave behind."""

_DETECT_DEAD_PEERS: Final = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}


def create_engine(
    url: str, *, pool_size: int = 10, connect_seconds: float = 5.0, statement_seconds: float = STATEMENT_SECONDS
) -> AsyncEngine:
    """Make the engine of a service: asyncpg, every wait bounded, dead connections replaced before they are used.

    The URL is read as libpq reads it, `sslmode` and `sslrootcert` included, here as in `connect`.
    """
    return create_async_engine(
        "postgresql+asyncpg://",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=connect_seconds,
        pool_pre_ping=True,
        async_creator=partial(
            asyncpg.connect,
            dsn=plain_url(url),
            timeout=connect_seconds,
            command_timeout=statement_seconds,
            server_settings=_DETECT_DEAD_PEERS,
        ),
    )


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
