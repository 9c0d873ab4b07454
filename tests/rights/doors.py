"""Every route of every service, tried as every role and as nobody: who gets as far as its use case.

The services are the installed ones, the routes those their applications have. No server runs: whoever is let in meets
a database that is away.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from kfi_chassis.declaration import Service
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import Principal
from kfi_chassis.metrics import Metrics
from kfi_chassis.problems import Unauthenticated, Unavailable
from kfi_chassis.process import routers_of

from .roles import DUTIES, NOBODY

WHO: Final = (NOBODY, *DUTIES)
SOMETHING: Final = "3f0c1b52-6a0e-4a39-9b0c-0d9f5c1f7e11"
_PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
TOWN: Final = "05515000"
_NAMED: Final = {"slug": "not-found", "ags": TOWN}
_VALUES: Final = {"uuid": SOMETHING, "date": "2026-11-23", "date-time": "2026-11-23T08:00:00Z"}
_HEADERS: Final = ((b"if-match", b'"1"'), (b"idempotency-key", SOMETHING.encode()))
_OF_TYPES: Final = {"integer": "1", "number": "1", "boolean": "true"}


class Told(StrEnum):
    """What somebody is told at a door."""

    LET_IN = "let in"
    SIGN_IN = "sign in"
    REFUSED = "refused"
    NOTHING_HERE = "nothing here"


@dataclass(frozen=True, order=True)
class Route:
    """One method at one address of a service."""

    service: str
    path: str
    method: str
    operation: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def services() -> Mapping[str, Service[Any, Any]]:
    """All that are installed, by name."""
    return {found.name: found.load() for found in sorted(entry_points(group="kfi.services"), key=lambda one: one.name)}


def tried() -> dict[Route, dict[str, Told]]:
    """What everybody is told at every door."""
    return asyncio.run(_tried())


async def _tried() -> dict[Route, dict[str, Told]]:
    found: dict[Route, dict[str, Told]] = {}
    for service in services().values():
        application = application_of(service)
        queries = dict(_queries(application.openapi()))
        for route in routes_of(service.name, application):
            asked = queries.get((route.path, route.method), "")
            found[route] = {who: await _asked(application, route, asked, who) for who in WHO}
    return found


def application_of(service: Service[Any, Any]) -> FastAPI:
    """The service as HTTP sees it, with accounts for tokens and a database that is away."""
    return create_api(
        service.name,
        service.settings_class.model_construct(),
        routers_of(service),
        transactions=_Away(),
        verifier=_Accounts(),
        health=Health(),
        metrics=Metrics(),
        domain_problems=service.domain_problems,
    )


def routes_of(service: str, application: FastAPI) -> Iterator[Route]:
    """Every method at every address, those outside of the service's own interface too."""
    for context in iter_route_contexts(application.routes):
        original = context.original_route
        methods = sorted(set(context.methods or ()) - {"HEAD"})
        name = original.name if isinstance(original, APIRoute) else str(context.path)
        yield from (Route(service, str(context.path), method, name) for method in methods)


class _Away:
    """Transactions that never begin."""

    async def run(self, *_: object, **__: object) -> None:
        raise Unavailable


class _Accounts:
    """The token is the role."""

    async def verify(self, token: str) -> Principal:
        if token not in DUTIES:
            raise Unauthenticated("not_valid")
        organisation = "organisation-1" if token == "applicant" else None
        ags = TOWN if token == "municipality" else None
        return Principal(f"account-{token}", f"person-{token}", frozenset({token}), organisation, ags)


async def _asked(application: FastAPI, route: Route, query: str, who: str) -> Told:
    headers = [] if who == NOBODY else [(b"authorization", f"Bearer {who}".encode())]
    path = _PARAMETER.sub(lambda found: _NAMED.get(found[1], SOMETHING), route.path)
    status = await status_of(application, route.method, path, query, headers)
    return {401: Told.SIGN_IN, 403: Told.REFUSED, 404: Told.NOTHING_HERE}.get(status, Told.LET_IN)


async def status_of(
    application: FastAPI, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]]
) -> int:
    """The status of the answer to one request without a body, from a machine that is not this one."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
        "client": ("192.0.2.7", 4711), "server": ("rights", 80), "headers": [*headers, *_HEADERS],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return int(sent[0]["status"])


def _queries(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """A sound value for each parameter that a query must have: what is refused later must not hide behind it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            needed = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
            yield (path, method.upper()), "&".join(f"{one['name']}={_value(one['schema'])}" for one in needed)


def _value(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return str(schema["enum"][0])
    plain = _OF_TYPES.get(str(schema.get("type")), "x" * int(schema.get("minLength", 1)))
    return _VALUES.get(str(schema.get("format")), plain)
