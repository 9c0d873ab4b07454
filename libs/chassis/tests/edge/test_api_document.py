"""The OpenAPI document says what the service does, its refusals too."""

from typing import Any

import pytest
from fastapi import APIRouter

from kfi_chassis.health import Health
from kfi_chassis.http import create_api


@pytest.fixture
def operations(demo: Any) -> dict[str, Any]:
    paths = demo.app.openapi()["paths"]
    return {operation["operationId"]: operation for methods in paths.values() for operation in methods.values()}


def refusals(operation: dict[str, Any]) -> dict[str, str]:
    return {status: answer["description"] for status, answer in operation["responses"].items() if status >= "400"}


def test_operation_ids_are_the_names_of_the_functions(operations: dict[str, Any]) -> None:
    assert set(operations) == {"make_thing", "show_thing", "rename_thing", "fail"}


def test_two_operations_of_one_name_are_refused() -> None:
    def router() -> APIRouter:
        made = APIRouter()
        made.add_api_route("/a", lambda: None, name="same")
        made.add_api_route("/b", lambda: None, name="same")
        return made

    nothing: Any = type("Nothing", (), {"max_body_bytes": 1, "request_timeout_seconds": 1.0})()
    app = create_api("demo", nothing, [router()], transactions=None, verifier=None, health=Health(), metrics=nothing)
    with pytest.raises(ValueError, match="same"):
        app.openapi()


def test_each_route_lists_the_problems_it_can_answer(operations: dict[str, Any]) -> None:
    assert set(refusals(operations["show_thing"])) == {"400", "401", "403", "404", "422", "500", "503"}
    assert set(refusals(operations["rename_thing"])) >= {"401", "403", "404", "412", "413", "415", "422", "428", "503"}
    assert "/problems/in-flight" in refusals(operations["make_thing"])["409"]
    assert "/problems/idempotency-key-reused" in refusals(operations["make_thing"])["422"]
    assert "/problems/demo-out-of-season" in refusals(operations["fail"])["409"]


def test_problems_are_declared_as_problem_json(operations: dict[str, Any]) -> None:
    for operation in operations.values():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]


def test_the_headers_a_request_needs_are_declared_as_needed(operations: dict[str, Any]) -> None:
    required = {
        parameter["name"]: parameter["required"]
        for name in ("make_thing", "rename_thing")
        for parameter in operations[name]["parameters"]
        if parameter["in"] == "header"
    }
    assert required == {"Idempotency-Key": True, "If-Match": True}


def test_every_route_asks_for_an_access_token(demo: Any, operations: dict[str, Any]) -> None:
    scheme = demo.app.openapi()["components"]["securitySchemes"]["access_token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert all(operation["security"] == [{"access_token": []}] for operation in operations.values())


async def test_the_document_is_served_under_the_service(demo: Any) -> None:
    answer = await demo.client.get("/demo/v1/openapi.json")
    assert answer.json() == demo.app.openapi()


async def test_what_operators_ask_is_no_part_of_the_interface(demo: Any) -> None:
    assert not [path for path in demo.app.openapi()["paths"] if not path.startswith("/demo/v1/")]
