"""Sends one webhook: resolves the host, connects to exactly the address that was looked at, and follows nothing.

No proxy, no redirect, no cookie, no connection kept: whatever the town's server answers leads nowhere else. The name is
resolved once, each of its addresses is judged, and the connection goes to one of these addresses; TLS still checks the
certificate of the name. So a name that answers differently a moment later (DNS rebinding) gains nothing.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpcore2

from kfi_allocation.domain.doors.addresses import AddressRefused, may_be_reached, target_of
from kfi_allocation.domain.doors.webhook import Outcome

MOST_RESPONSE_BYTES: Final = 16_384
_GONE: Final = 410
_MULTIPLE_CHOICES: Final = 300
_BAD_REQUEST: Final = 400

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Attempt:
    """What became of one request."""

    outcome: Outcome
    status: int | None
    milliseconds: int


class NotReachable(OSError):
    """The host resolves to an address nothing may be sent to."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@cache
def _whom_the_system_trusts() -> ssl.SSLContext:
    """Read once for the process: reading all certificates holds everything else up for some 40 ms."""
    return ssl.create_default_context()


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects only to addresses that may be reached."""

    def __init__(self, resolver: Resolve, *, inside: bool) -> None:
        self._resolve, self._inside = resolver, inside
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, judge every address, connect to the first. Raises NotReachable when one of them is refused."""
        addresses = await self._resolve(host, port)
        if not addresses or not all(may_be_reached(each, inside=self._inside) for each in addresses):
            raise NotReachable
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


class WebhookSender:
    """Sends webhooks within a time; `inside` lets http and the machine itself pass, in demo and tests."""

    def __init__(
        self,
        *,
        seconds: float,
        inside: bool = False,
        resolver: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds, self._inside, self._resolve = seconds, inside, resolver
        self._trust = trust or _whom_the_system_trusts()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """POST once; whatever happens is an outcome, never an exception."""
        began = time.monotonic()
        status = None
        try:
            async with asyncio.timeout(self._seconds):
                status = await self._post(url, headers, body)
            outcome = _outcome_of(status)
        except (AddressRefused, NotReachable):
            outcome = Outcome.ADDRESS_REFUSED
        except (TimeoutError, httpcore2.TimeoutException):
            outcome = Outcome.TIMED_OUT
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError) as error:
            outcome = Outcome.NOT_TRUSTED if _is_about_trust(error) else Outcome.UNREACHABLE
        return Attempt(outcome, status, round((time.monotonic() - began) * 1000))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        target_of(url, inside=self._inside)
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._trust,
            max_keepalive_connections=0,
            network_backend=_Pinned(self._resolve, inside=self._inside),
        )
        sent = {**headers, "Content-Length": str(len(body)), "Connection": "close", "User-Agent": "KfI-Webhooks/1"}
        asked = [(name.encode(), text.encode()) for name, text in sent.items()]
        host = httpcore2.URL(url)
        async with pool, pool.stream("POST", url, headers=[(b"Host", _host(host)), *asked], content=body) as response:
            await _read_a_little(response)
            return int(response.status)


async def _read_a_little(response: Any) -> None:
    """Take in so much of the answer that the other side may end in order, and no more."""
    taken = 0
    async for part in response.aiter_stream():
        taken += len(part)
        if taken > MOST_RESPONSE_BYTES:
            return


def _host(url: httpcore2.URL) -> bytes:
    default = {b"http": 80, b"https": 443}[url.scheme]
    return url.host if url.port in (None, default) else url.host + b":" + str(url.port).encode()


def _outcome_of(status: int) -> Outcome:
    if status == _GONE:
        return Outcome.GONE
    if _MULTIPLE_CHOICES <= status < _BAD_REQUEST:
        return Outcome.REDIRECTED
    return Outcome.DELIVERED if 200 <= status < _MULTIPLE_CHOICES else Outcome.REFUSED


def _is_about_trust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
