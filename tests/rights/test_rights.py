"""What every role is let in to is its duty, and no route stands open: tried, not read from the code."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi import APIRouter

from kfi_chassis.edge import edge
from kfi_stack.identity.directory import Directory

from . import doors, table
from .doors import Route, Told, services, tried
from .roles import DUTIES, NOBODY
from .table import is_of_every, written

ROOT = Path(__file__).parents[2]
Tried = Mapping[Route, Mapping[str, Told]]
OPEN_TO_ALL = {"/health/live", "/health/ready", "/metrics", "/problems/{slug}"}
OF_NO_SERVICE_YET = {"pension-caseworker", "pension-signatory", "seminar-organiser"}
OF_FUNDING = {"applicant", "funding-caseworker", "funding-signatory", "budget-officer"}
OF_ALLOCATION = {"allocation-planner", "allocation-signatory", "municipality"}
OF_OTHER_SERVICES = {
    "allocation": OF_NO_SERVICE_YET | OF_FUNDING,
    "applications": OF_NO_SERVICE_YET | OF_ALLOCATION,
    "notifications": OF_NO_SERVICE_YET | {"municipality"},
}
"""Who has no duty in a service, as long as it does nothing for them."""
PUBLISHED = {"list_publications", "get_publication", "get_certificate", "get_certificate_key"}
"""What the authority publishes; whoever is signed in reads it."""
FOR_OPERATORS = (
    "/notifications/v1/deliveries", "/dead-letters", "/health/", "/holds", "/print-", "/parked-events",
    "/allocation/v1/runs", "/allocation/v1/municipalities/{ags}/feed", "/allocation/v1/municipalities/{ags}/webhooks",
    "/allocation/v1/municipalities/{ags}/kafka",
)  # fmt: skip
"""Ids, states and ages; a run shows households by their ids alone."""
ALONE = {
    ("applications", "post_application"): {"applicant"},
    ("applications", "post_finance_plan"): {"applicant"},
    ("notifications", "post_consent"): {"applicant"},
    ("notifications", "post_retrieval"): {"applicant"},
    ("notifications", "list_messages"): {"applicant"},
    ("applications", "post_formal_check"): {"funding-caseworker"},
    ("applications", "post_substance_check"): {"funding-caseworker"},
    ("applications", "post_proposal"): {"funding-caseworker"},
    ("applications", "post_court_action"): {"funding-caseworker"},
    ("applications", "post_second_check"): {"funding-signatory"},
    ("applications", "post_return"): {"funding-signatory"},
    ("applications", "post_signature"): {"funding-signatory"},
    ("applications", "post_assignment"): {"funding-caseworker"},
    ("applications", "post_information_request"): {"funding-caseworker"},
    ("applications", "post_reminder"): {"funding-caseworker"},
    ("applications", "post_early_start"): {"funding-signatory"},
}
"""Steps that are the duty of one role; of those that are not named here, the rules below speak."""
LOOKED_FOR_IN_A_BODY = {"post_search"}
"""They change nothing; what is looked for is a name, which must not stand in an address."""


@pytest.fixture(scope="module")
def found() -> Tried:
    return tried()


def let_in(told: Mapping[str, Told]) -> set[str]:
    return {who for who, answer in told.items() if answer is Told.LET_IN}


def breaches(found: Tried) -> list[str]:
    """What contradicts the duties, each in a sentence."""
    guarded = (route for route in found if route.path not in OPEN_TO_ALL and not route.path.endswith("/openapi.json"))
    return [f"{route}: {breach}" for route in guarded for breach in _breaches(route, found[route])]


def _breaches(route: Route, told: Mapping[str, Told]) -> Iterator[str]:
    inside = let_in(told)
    if told[NOBODY] is not Told.SIGN_IN:
        yield f"nobody is told {told[NOBODY]}"
    if not inside:
        yield "open to no role that exists"
    if route.operation not in PUBLISHED:
        others = inside & OF_OTHER_SERVICES.get(route.service, set())
        yield from (f"{role} has no duty here" for role in sorted(others))
    if "auditor" in inside and route.method != "GET" and route.operation not in LOOKED_FOR_IN_A_BODY:
        yield "an auditor changes nothing"
    if (
        "operator" in inside
        and route.operation not in PUBLISHED
        and not any(part in route.path for part in FOR_OPERATORS)
    ):
        yield "an operator sees no person"
    duty = ALONE.get((route.service, route.operation), inside)
    if inside != duty:
        yield f"the duty of {sorted(duty)}, open to {sorted(inside)}"


def test_every_role_is_let_in_where_its_duty_is_and_nowhere_else(found: Tried) -> None:
    assert breaches(found) == []


def test_the_steps_of_one_role_are_there(found: Tried) -> None:
    assert set(ALONE) <= {(route.service, route.operation) for route in found}


def test_whoever_proposes_does_not_sign(found: Tried) -> None:
    by_operation = {route.operation: let_in(told) for route, told in found.items() if route.service == "applications"}
    assert by_operation["post_proposal"] & by_operation["post_signature"] == set()


def test_an_auditor_reads_every_case_that_staff_read(found: Tried) -> None:
    for route, told in found.items():
        if (
            route.method == "GET"
            and let_in(told) & {"funding-caseworker", "allocation-planner"}
            and not is_of_every(route)
        ):
            assert "auditor" in let_in(told), route


def test_the_document_says_what_was_tried(found: Tried) -> None:
    assert (ROOT / "docs" / "rights.md").read_text("utf-8") == written(found)


def test_every_documented_route_of_every_service_has_its_row(found: Tried) -> None:
    for service in services():
        document = json.loads((ROOT / "services" / service / "openapi.json").read_text("utf-8"))
        documented = {(path, method.upper()) for path, operations in document["paths"].items() for method in operations}
        assert documented <= {(route.path, route.method) for route in found if route.service == service}


def test_the_roles_of_all_accounts_are_duties() -> None:
    assert {role for person in Directory.from_file().people for role in person.roles} <= set(DUTIES)


@pytest.mark.parametrize(
    ("roles", "method", "breach"),
    [
        ((), "GET", "allocation-planner has no duty here"),
        (("auditor",), "POST", "an auditor changes nothing"),
        (("operator",), "GET", "an operator sees no person"),
        (("funding-casewroker",), "GET", "open to no role that exists"),
        (None, "GET", "nobody is told let in"),
    ],
)
def test_a_route_with_the_wrong_guard_is_seen(
    roles: tuple[str, ...] | None, method: str, breach: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = APIRouter()

    async def guarded(door: object = None if roles is None else edge(*roles)) -> None:
        await door.read(None)  # type: ignore[union-attr]

    async def open_to_all() -> None:
        return

    router.add_api_route("/planted", open_to_all if roles is None else guarded, methods=[method])
    service = services()["applications"]
    planted = type("Planted", (), {**vars(service), "name": "applications", "build_routers": lambda _: [router]})()
    monkeypatch.setattr(doors, "services", lambda: {"applications": planted})
    assert any(breach in one for one in breaches(tried()))


def test_the_command_notices_a_document_that_is_not_true(
    found: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "tried", lambda: found)
    monkeypatch.setattr(table, "DOCUMENT", tmp_path / "rights.md")
    assert table.main(["--check"]) == 1
    assert table.main([]) == 0
    assert table.main(["--check"]) == 0
