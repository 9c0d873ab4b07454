"""The HTTP server of a process: uvicorn, run as one part among others; it leaves the signals to the process."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from kfi_chassis import logs
from kfi_chassis.settings import ConfigurationError
from kfi_chassis.shutdown import Part

_KEEP_ALIVE_SECONDS = 75  # longer than a gateway keeps an idle connection, so that it never sends into a closing one


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process, which has more to stop than this server."""
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 chooses a free one. Raises ConfigurationError when the address cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be opened ({error.strerror}): "
            "stop the program that uses it, or choose another with KFI_HTTP_PORT and KFI_HTTP_HOST."
        ) from None


def http_server(app: ASGIApp, listener: socket.socket, *, grace_seconds: float) -> Part:
    """The part that serves the application: at its stop it takes no new requests and answers those it has."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, int(grace_seconds)),
    )
    server = _Server(config)

    async def serve(stop: asyncio.Event) -> None:
        host, port = listener.getsockname()[:2]
        logs.event("listening", host=host, port=port)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            await stop.wait()
            server.should_exit = True

    return serve
