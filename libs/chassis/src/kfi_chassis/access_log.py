"""Every request is answered, counted and logged once, whatever happens inside.

The outermost layer of a service: it gives the request its correlation id, turns what nobody caught into a problem
without content, sets the headers every answer needs, and measures by the route's template, never by the address.
"""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any, Final, Protocol
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kfi_chassis import logs, tracing
from kfi_chassis.problems import CONTENT_TYPE, Problem

CORRELATION_HEADER: Final = "X-Correlation-Id"
UNMATCHED: Final = "unmatched"
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
PROBES: Final = frozenset({"/health/live", "/health/ready", "/metrics"})  # asked every few seconds by machines
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")  # W3C, 3.2
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class HttpMetrics(Protocol):
    """Counts requests and their duration."""

    def request_answered(self, *, route: str, method: str, code: int, seconds: float) -> None:
        """One request was answered."""


class AccessLog:
    """The outermost ASGI layer; see the module."""

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; no exception leaves this layer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation_id = _correlation_id(headers)
        with logs.within(role="api", correlation=correlation_id, trace=_traceparent(headers)):
            if scope["path"] in PROBES:
                await self._observed(scope, receive, send, correlation_id)
                return
            with tracing.span("request", "server", correlation_id=correlation_id) as span:
                route, method, status = await self._observed(scope, receive, send, correlation_id)
                span.tell(f"{method} {route}", http__route=route, http__response__status_code=status)

    async def _observed(self, scope: Scope, receive: Receive, send: Send, correlation_id: str) -> tuple[str, str, int]:
        """Answer, count and log; the route it met, the method, the status."""
        began = time.perf_counter()
        answer = _Answer(send, correlation_id)
        try:
            await self._app(scope, receive, answer.send)
        except Problem as problem:
            await _answer_with(problem, scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the last net: a fault of ours is a 500 that says nothing of the input
            logs.event("request_failed", level=logging.ERROR, error=error, route=route_template(scope))
            await _answer_with(Problem(), scope, receive, answer)
        return self._account(scope, answer.status, time.perf_counter() - began)

    def _account(self, scope: Scope, status: int, seconds: float) -> tuple[str, str, int]:
        route = route_template(scope)
        known = route != UNMATCHED and scope["method"] in METHODS
        method = scope["method"] if known else "ANY"  # made-up methods must not make new time series
        self._metrics.request_answered(route=route, method=method, code=status, seconds=seconds)
        level = logging.DEBUG if route in PROBES else logging.INFO
        milliseconds = round(seconds * 1000, 1)
        logs.event(
            "request_answered", level=level, route=route, method=method, status=status, milliseconds=milliseconds
        )
        return route, method, status


class _Answer:
    """The way out: sets the standing headers and remembers the status."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self._send = send
        self._correlation_id = correlation_id
        self.started = False
        self.status = Problem.kind.status

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            self._set_headers(message)
        await self._send(message)

    def _set_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in _SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        headers[CORRELATION_HEADER] = self._correlation_id


def problem_response(problem: Problem) -> JSONResponse:
    """The answer for a problem."""
    document = problem.document(correlation_id=logs.correlation.get())
    return JSONResponse(document, problem.status, problem.headers, CONTENT_TYPE)


async def _answer_with(problem: Problem, scope: Scope, receive: Receive, answer: _Answer) -> None:
    if not answer.started:  # else the answer is under way and can only break off
        await problem_response(problem)(scope, receive, answer.send)


def _correlation_id(headers: Headers) -> str:
    """The caller's or the gateway's id when it is a UUID, so that nobody writes into our logs; else a new one."""
    for name in (CORRELATION_HEADER, "X-Request-Id"):
        given = headers.get(name, "").lower()
        if _UUID.fullmatch(given):
            return given
    return str(uuid4())


def _traceparent(headers: Headers) -> str | None:
    """The caller's place in its trace, when it is one: it goes on into logs and events."""
    given = headers.get("traceparent", "")
    return given if TRACEPARENT.fullmatch(given) else None


def route_template(scope: Scope) -> str:
    """The template of the route a request met, like /applications/v1/applications/{id}; UNMATCHED for none."""
    application, route = scope.get("app"), scope.get("route")
    return UNMATCHED if application is None else application.state.templates.get(id(route), UNMATCHED)
