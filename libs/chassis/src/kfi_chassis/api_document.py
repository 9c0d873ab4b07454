"""The OpenAPI document of a service: stable operation ids, and every route with the problems it can answer.

`x-problem-pages` names the kinds of problems whose pages the service shows; the gateway leads readers there by it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext
from pydantic import TypeAdapter

from kfi_chassis.byte_body import media_types_of
from kfi_chassis.problems import (
    CATALOGUE,
    CONTENT_TYPE,
    BadRequest,
    BodyTooLarge,
    InvalidInput,
    NotFound,
    NotJson,
    NotTheRightMediaType,
    Problem,
    ProblemDocument,
    ProblemType,
    Unavailable,
)

_REQUIRED_HEADERS: Final = {
    "If-Match",
    "Idempotency-Key",
}  # optional in the code only so that their absence has a problem
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


def operation_id(route: APIRoute) -> str:
    """The name of the route's function: it changes only when somebody means it to."""
    return route.name


def document(app: FastAPI, routes: Iterable[RouteContext]) -> dict[str, Any]:
    """The document of the app, made once. Raises ValueError when two operations share an id."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app, list(routes))
    return app.openapi_schema


def _made(app: FastAPI, routes: list[RouteContext]) -> dict[str, Any]:
    _refuse_shared_ids(routes)
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _problem_schema()
    made["x-problem-pages"] = sorted(CATALOGUE)
    for route in routes:
        for method in route.methods or ():
            operation = made["paths"][str(route.path_format)][method.lower()]
            _complete(operation, list(_problems_of(route)))
            if taken := media_types_of(route.endpoint):
                operation["requestBody"] = {"required": True, "content": dict.fromkeys(taken, _BYTES)}
    return made


def _refuse_shared_ids(routes: list[RouteContext]) -> None:
    names = [str(route.name) for route in routes]
    shared = sorted({name for name in names if names.count(name) > 1})
    if shared:
        raise ValueError(f"operation ids are used twice: {', '.join(shared)}")


def _problem_schema() -> dict[str, Any]:
    schema = TypeAdapter(ProblemDocument).json_schema(ref_template="#/components/schemas/{model}")
    errors = schema["properties"]["errors"]
    errors["items"] = schema.pop("$defs")["FieldError"]
    return {**schema, "title": "Problem"}


def _complete(operation: dict[str, Any], problems: list[ProblemType]) -> None:
    responses = operation["responses"]
    for status in sorted({problem.status for problem in problems}):
        kinds = sorted({problem.uri for problem in problems if problem.status == status})
        responses[str(status)] = {
            "description": "Problem: " + ", ".join(kinds),
            "content": {CONTENT_TYPE: {"schema": _SCHEMA}},
        }
    for parameter in operation.get("parameters", []):
        if parameter["name"] in _REQUIRED_HEADERS:
            parameter.update(required=True, schema={"type": "string"})


def _problems_of(route: RouteContext) -> Iterator[ProblemType]:
    yield from (kind.kind for kind in _by_shape(route))
    yield from getattr(route.endpoint, "problems", ())
    for dependency in _all(route.dependant):
        yield from getattr(dependency.call, "problems", ())


def _by_shape(route: RouteContext) -> Iterator[type[Problem]]:
    dependants = list(_all(route.dependant))
    yield from (Problem, Unavailable)
    if any(each.path_params for each in dependants):
        yield NotFound
    if any(each.path_params or each.query_params or each.header_params for each in dependants) or route.body_field:
        yield from (BadRequest, InvalidInput)
    if route.body_field:
        yield from (NotJson, BodyTooLarge, NotTheRightMediaType)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)
