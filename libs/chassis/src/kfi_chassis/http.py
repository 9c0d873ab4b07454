"""The HTTP side of a service, the same for all: guarded requests, problems, health, metrics, documents."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Protocol

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response

from kfi_chassis.access_log import AccessLog, HttpMetrics, problem_response
from kfi_chassis.api_document import document, operation_id
from kfi_chassis.byte_body import routes_of_bytes
from kfi_chassis.health import Health
from kfi_chassis.operations import operations_router
from kfi_chassis.problems import (
    BadRequest,
    Conflict,
    MethodNotAllowed,
    NotFound,
    Problem,
    ProblemType,
    VersionMismatch,
)
from kfi_chassis.request_guard import RequestGuard
from kfi_chassis.transient import VersionConflict
from kfi_chassis.validation import invalid_input

DomainProblems = Mapping[type[Exception], ProblemType | Callable[[Any], Problem]]
"""Which problem an exception of the domain becomes: its type, or what makes the problem of the exception."""

_BY_STATUS: Final = {NotFound.kind.status: NotFound, MethodNotAllowed.kind.status: MethodNotAllowed}


class HttpSettings(Protocol):
    """The settings the HTTP side needs; every ServiceSettings has them."""

    @property
    def max_body_bytes(self) -> int:
        """The largest body taken."""

    @property
    def request_timeout_seconds(self) -> float:
        """How long a request may wait for its transaction."""


class Metrics(HttpMetrics, Protocol):
    """What is measured, and how it is shown to Prometheus."""

    def exposition(self) -> tuple[bytes, str]:
        """The text of all metrics, and its content type."""


def create_api(
    service: str,
    settings: HttpSettings,
    routers: Sequence[APIRouter],
    *,
    transactions: object,
    verifier: object,
    health: Health,
    metrics: Metrics,
    domain_problems: DomainProblems | None = None,
) -> FastAPI:
    """The ASGI application of a service: its routes under /<service>/v1, and what operators and machines ask."""
    app = FastAPI(
        title=f"KfI {service}",
        version=_version(service),
        openapi_url=f"/{service}/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        middleware=[
            Middleware(AccessLog, metrics=metrics),
            Middleware(
                RequestGuard,
                max_body_bytes=settings.max_body_bytes,
                of_bytes=routes_of_bytes(f"/{service}/v1", routers),
            ),
        ],
    )
    app.state.settings, app.state.transactions, app.state.verifier = settings, transactions, verifier
    for router in routers:
        app.include_router(router, prefix=f"/{service}/v1")
    public = [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]
    app.openapi = lambda: document(app, public)  # type: ignore[method-assign]
    app.include_router(operations_router(health, metrics))
    app.state.templates = {id(route.original_route): route.path for route in iter_route_contexts(app.routes)}
    _answer_with_problems(app, domain_problems or {})
    return app


def _version(service: str) -> str:
    try:
        return version(f"kfi-{service}")
    except PackageNotFoundError:
        return "0"


def _answer_with_problems(app: FastAPI, domain_problems: DomainProblems) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(VersionConflict, _on_version_conflict)
    for exception, answer in domain_problems.items():
        app.add_exception_handler(exception, _domain_handler(answer))


async def _on_problem(_request: Request, problem: Exception) -> Response:
    return problem_response(problem if isinstance(problem, Problem) else Problem())


async def _on_invalid_input(_request: Request, failure: Exception) -> Response:
    return problem_response(invalid_input(failure) if isinstance(failure, RequestValidationError) else BadRequest())


async def _on_http_exception(_request: Request, failure: Exception) -> Response:
    status, headers = (failure.status_code, failure.headers) if isinstance(failure, HTTPException) else (400, None)
    return problem_response(_BY_STATUS.get(status, BadRequest)(headers=headers))


async def _on_version_conflict(request: Request, _conflict: Exception) -> Response:
    return problem_response(VersionMismatch() if "if-match" in request.headers else Conflict())


def _domain_handler(answer: ProblemType | Callable[[Any], Problem]) -> Callable[[Request, Exception], Any]:
    async def handle(_request: Request, error: Exception) -> Response:
        return problem_response(Problem.of(answer) if isinstance(answer, ProblemType) else answer(error))

    return handle
