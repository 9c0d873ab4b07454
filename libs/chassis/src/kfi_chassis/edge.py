"""Where HTTP ends and the use case begins: who asks, which version they saw, one transaction, one answer.

A route names its duty, opens a transaction through its Edge and returns a view:

    @router.post("/applications/{id}/signature")
    async def sign(id: UUID, body: Signature, edge: Annotated[Edge[MyWork], edge("funding-signatory")], seen: IfMatch):
        return await edge.command(lambda work: sign_decision(body.command(id, seen), edge.principal, work))
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar, cast
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from kfi_chassis import logs
from kfi_chassis.idempotency import Idempotent, OneRequest, earlier_result, remember
from kfi_chassis.identity import Principal
from kfi_chassis.problems import (
    FieldError,
    Forbidden,
    InvalidInput,
    PreconditionRequired,
    Unauthenticated,
    Unavailable,
    VersionMismatch,
    documents,
)
from kfi_chassis.transient import Contention, VersionConflict, is_outage
from kfi_chassis.work import Transactions, Work

__all__ = ["Edge", "Idempotent", "IfMatch", "edge", "etag", "if_match", "require"]

REPLAYED: Final = "Idempotency-Replayed"
_TAG: Final = re.compile(r'"(0|[1-9][0-9]{0,17})"')
_BEARER: Final = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="access_token")

W = TypeVar("W", bound=Work)
T = TypeVar("T")


@dataclass(frozen=True)
class Edge(Generic[W]):
    """One request of one person, with the way into a transaction."""

    principal: Principal
    transactions: Transactions[W]
    timeout_seconds: float
    request: Request
    response: Response

    async def command(self, use: Callable[[W], Awaitable[T]]) -> T:
        """Run a use case in one transaction: all of it is stored, or nothing.

        Raises Unavailable (503, Retry-After) when the database cannot be reached or does not answer in time.
        """
        return await self.in_time(
            self.transactions.run(
                use, actor=self.principal, correlation_id=logs.correlation.get(), traceparent=logs.trace.get()
            )
        )

    async def in_time(self, effort: Awaitable[T]) -> T:
        """Await what opens transactions of its own, as long as a request may take. Raises as `command` does."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await effort
        except Exception as error:
            seen = _as_seen_from_outside(error)
            if seen is error:
                raise
            raise seen from None  # what lies behind it was told, and an error must not become its own cause

    async def read(self, use: Callable[[W], Awaitable[T]]) -> T:
        """Read in one transaction, so that all parts of the answer are of one moment. Raises as `command` does."""
        return await self.command(use)

    async def create(
        self, once: OneRequest, use: Callable[[W], Awaitable[UUID]], show: Callable[[UUID, W], Awaitable[T]]
    ) -> T:
        """Create once, however often this very request comes.

        `use` creates and returns the id; `show` reads the thing by its id and checks that the person may see it. A
        repeated request is answered by `show` alone, with the header Idempotency-Replayed: true.
        Raises InFlight (409), KeyReused (422), and as `command` does.
        """

        async def attempt(work: W) -> tuple[T, bool]:
            earlier = await earlier_result(work.connection, self.principal.subject, once)
            created = await use(work) if earlier is None else earlier
            if earlier is None:
                await remember(work.connection, self.principal.subject, once, created)
            return await show(created, work), earlier is not None

        view, replayed = await self.command(attempt)
        if replayed:
            self.response.headers[REPLAYED] = "true"
        return view

    def etag(self, version: int) -> None:
        """Tell the version of what is shown, for the If-Match of the next action."""
        self.response.headers["ETag"] = etag(version)

    def located(self, address: str) -> None:
        """Tell where the created thing is."""
        self.response.headers["Location"] = address


def _as_seen_from_outside(error: Exception) -> Exception:
    """An outage becomes 503; a thing that changed at every attempt stays a version conflict; the rest is as it was."""
    if isinstance(error, Contention) and isinstance(error.__cause__, VersionConflict):
        return error.__cause__
    if not is_outage(error):
        return error
    logs.event("request_met_an_outage", error=error)
    return Unavailable()


def edge(*roles: str) -> Any:
    """Dependency: the Edge of a person who holds one of the roles; without roles, of anybody signed in."""
    permitted = _permitted(roles)

    async def build(request: Request, response: Response, principal: Annotated[Principal, permitted]) -> Edge[Any]:
        state = request.app.state
        return Edge(principal, state.transactions, state.settings.request_timeout_seconds, request, response)

    return Depends(build)


def require(*roles: str) -> Any:
    """Dependency: the Principal, who holds one of the roles. Raises Unauthenticated (401), Forbidden (403)."""
    return _permitted(roles)


@documents(Unauthenticated)
async def authenticated(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Principal:
    """Who asks, by the access token of the request. Raises Unauthenticated."""
    if credentials is None:
        raise Unauthenticated
    return cast("Principal", await request.app.state.verifier.verify(credentials.credentials))


def _permitted(roles: tuple[str, ...]) -> Any:
    duties = frozenset(roles)

    @documents(Forbidden)
    async def permitted(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        if not principal.has_any(duties):
            raise Forbidden
        return principal

    return Depends(permitted)


@documents(PreconditionRequired, VersionMismatch)
async def if_match(
    seen: Annotated[str | None, Header(alias="If-Match", description="The ETag of the last read.")] = None,
) -> int:
    """The version the person saw. Raises PreconditionRequired (428), InvalidInput for what is no ETag of ours."""
    if seen is None:
        raise PreconditionRequired
    found = _TAG.fullmatch(seen.strip())
    if found is None:
        raise InvalidInput(errors=[FieldError("header:If-Match", "not_an_etag", 'Send the ETag as it came, like "3".')])
    return int(found[1])


IfMatch = Annotated[int, Depends(if_match)]
"""Parameter of every action on something that exists: the version the person saw."""


def etag(version: int) -> str:
    """The strong entity tag of a row version (RFC 9110, 8.8.3)."""
    return f'"{version}"'
