"""Routes that take bytes instead of JSON: their body is not read before the route asks, and then part by part.

    @router.post("/things/{id}/files")
    @takes_bytes("application/pdf", "image/png")
    async def post_file(id: UUID, edge: ...):
        async for part in ByteBody(edge.request, limit=20_000_000).parts(): ...

The guard of all requests leaves such a body alone, so the route itself is responsible for its size and its kind.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from re import Pattern
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from kfi_chassis.problems import BodyTooLarge
from kfi_chassis.request_guard import declared_length, dropped_rest, next_part

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "takes_bytes"


def takes_bytes(*media_types: str) -> Callable[[F], F]:
    """Say that the body of a route is bytes of one of these media types."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _MARK, media_types)
        return endpoint

    return mark


def media_types_of(endpoint: object) -> Sequence[str]:
    """The media types a route takes as bytes; none for a route that takes JSON or nothing."""
    return getattr(endpoint, _MARK, ())


def routes_of_bytes(prefix: str, routers: Iterable[APIRouter]) -> list[tuple[str, "Pattern[str]"]]:
    """Method and address of every route that takes bytes."""
    return list(_found(prefix, routers))


def _found(prefix: str, routers: Iterable[APIRouter]) -> Iterator[tuple[str, "Pattern[str]"]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and media_types_of(route.endpoint):
                pattern, _, _ = compile_path(prefix + route.path)
                yield from ((method, pattern) for method in route.methods or ())


class ByteBody:
    """The body of one request, as it comes in."""

    def __init__(self, request: Request, *, limit: int) -> None:
        self._headers = request.headers
        self._receive = request.receive
        self._limit = limit
        self._more = True

    async def parts(self) -> AsyncIterator[bytes]:
        """Part by part, never more than the limit in bytes.

        Raises BodyTooLarge as soon as it is known, and BadRequest when the client goes before the end: half a file must
        never pass for a whole one.
        """
        self._refuse_beyond(declared_length(self._headers))
        taken = 0
        while self._more:
            part, self._more = await next_part(self._receive)
            taken += len(part)
            self._refuse_beyond(taken)
            if part:
                yield part

    async def drop(self) -> None:
        """Let the client finish, within limits: one that is cut off while it sends never reads why it was refused."""
        if self._more:
            self._more = False
            await dropped_rest(self._receive)

    def _refuse_beyond(self, length: int) -> None:
        if length > self._limit:
            raise BodyTooLarge
