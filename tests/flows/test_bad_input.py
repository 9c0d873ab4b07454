"""Bad input at the gateway: a problem with field, reason and what to do; nothing stored, nothing echoed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from tests.harness.bus import Bus
from tests.harness.cases import application
from tests.harness.door import MARKER, Door
from tests.harness.office import Office

from kfi_stack.demo.story import APPLICATIONS
from kfi_stack.gateway import API_DOCUMENTS as DOCUMENTS
from kfi_stack.running_platform import SERVICES

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
CALLS = "mso-einzelprojekt"
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a code nobody knows": ({"applicant__legal_form": MARKER}, "/applicant/legal_form", "enum"),
    "no truth value": ({"applicant__charitable": MARKER}, "/applicant/charitable", "bool_parsing"),
    "no municipality": ({"applicant__seat_ags": "05999999"}, "", "unknown_municipality"),
    "no e-mail address": ({"addressee__email": MARKER}, "/addressee/email", "string_pattern_mismatch"),
    "no date": ({"project__period_from": MARKER}, "/project/period_from", "date_from_datetime_parsing"),
    "an end before the beginning": ({"project__period_to": "2026-12-01"}, "/project", "value_error"),
    "an amount as a number": ({"finance_plan__own_money": 900.5}, "/finance_plan/own_money", "value_error"),
    "an amount of zero": ({"finance_plan__requested_grant": "0.00"}, "/finance_plan/requested_grant", "greater_than"),
    "a field too many": ({MARKER: "1"}, "", "unknown_field"),
    "a field too many, further down": ({f"project__{MARKER}": "1"}, "/project", "unknown_field"),
    "a text with NUL": ({"project__title": f"{MARKER}\0"}, "/project/title", "nul_character"),
}  # fmt: skip
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown call": ({"call": MARKER}, "/call", "call-not-accepting"),
    "a call not yet open": ({"call": f"{CALLS}-2029"}, "/call", "call-not-accepting"),
    "after the Ausschlussfrist": ({"call": f"{CALLS}-2026-spring"}, "/call", "call-not-accepting"),
    "amounts that do not add up": ({"finance_plan__own_money": "899.99"}, "/finance_plan", "plan-does-not-add-up"),
}
NOT_READABLE: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "too many values": (b"[" + b"1," * 50_000 + b"1]", {}, 413, "body-too-large"),
    "nested a thousand levels": (b"[" * 1000 + b"]" * 1000, {}, 400, "not-json"),
    "nested so deep that a parser gives up": (b"[" * 200_000, {}, 400, "not-json"),
    "half a document": (f'{{"call": "{MARKER}"'.encode(), {}, 400, "not-json"),
    "a key twice": (f'{{"call": "{MARKER}", "call": "{MARKER}"}}'.encode(), {}, 400, "not-json"),
    "NaN": (b'{"call": NaN}', {}, 400, "not-json"),
    "no UTF-8": (b'{"call": "\xff\xfe"}', {}, 400, "not-json"),
    "another media type": (MARKER.encode(), {"Content_Type": "text/plain"}, 415, "unsupported-media-type"),
    "a form": (f"call={MARKER}".encode(), {"Content_Type": "application/x-www-form-urlencoded"}, 415,
               "unsupported-media-type"),
    "no body": (b"", {}, 422, "invalid-input"),
    "a list": (f'["{MARKER}"]'.encode(), {}, 422, "invalid-input"),
}  # fmt: skip
NOWHERE: dict[str, tuple[str, str, int, str]] = {
    "an unknown route": ("GET", f"/applications/v1/{MARKER}", 404, "not-found"),
    "an unknown service": ("GET", f"/{MARKER}/v1/things", 404, "not-found"),
    "an unknown application": ("GET", f"{APPLICATIONS}/{uuid4()}", 404, "not-found"),
    "an id that is none": ("GET", f"{APPLICATIONS}/{MARKER}", 422, "invalid-input"),
    "a parameter that is none": ("GET", f"{APPLICATIONS}?limit={MARKER}", 422, "invalid-input"),
    "a wrong method": ("DELETE", APPLICATIONS, 405, "method-not-allowed"),
}
STORED = """
    SELECT (SELECT count(*) FROM application), (SELECT sum(last) FROM file_number),
           (SELECT count(*) FROM idempotency_key), (SELECT count(*) FROM audit WHERE action = 'file'),
           (SELECT count(*) FROM outbox WHERE type = 'de.nrw.kfi.applications.application-filed.v1')
"""
Untouched = Callable[[], Any]


@pytest.fixture
def untouched(bus: Bus) -> Untouched:
    """A block after which nothing may be stored; what goes on with other cases meanwhile is not looked at."""

    async def stored() -> tuple[int, ...]:
        (counts,) = await bus.rows("applications", STORED)
        return tuple(counts)

    @asynccontextmanager
    async def block() -> AsyncIterator[None]:
        before = await stored()
        yield
        assert await stored() == before

    return block


@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_field_is_named_with_its_reason(door: Door, untouched: Untouched, what: str) -> None:
    changes, field, reason = WRONG[what]
    async with untouched():
        answer = await door.ask("POST", APPLICATIONS, body=application(**changes))
    problem = await door.problem(answer, 422, "invalid-input")
    assert (field, reason) in [(error["field"], error["reason"]) for error in problem["errors"]]


@pytest.mark.parametrize("what", REFUSED)
async def test_what_a_rule_refuses_is_told_with_the_rule(door: Door, untouched: Untouched, what: str) -> None:
    changes, field, kind = REFUSED[what]
    async with untouched():
        answer = await door.ask("POST", APPLICATIONS, body=application(**changes))
    (error,) = (await door.problem(answer, 422, kind))["errors"]
    assert (error["field"], error["reason"]) == (field, kind)


async def test_after_an_ordnungsfrist_an_application_is_taken_and_marked_as_late(office: Office) -> None:
    case = await office.filed(application(call=f"{CALLS}-2026-autumn"))
    assert (await office.people.applicant.get(case.path)).document["late"] is True


@pytest.mark.parametrize("what", NOT_READABLE)
async def test_a_body_that_cannot_be_taken_is_refused(door: Door, untouched: Untouched, what: str) -> None:
    raw, headers, status, kind = NOT_READABLE[what]
    async with untouched():
        answer = await door.ask("POST", APPLICATIONS, raw=raw, **headers)
    await door.problem(answer, status, kind)


async def test_ten_megabytes_are_refused_while_they_are_being_sent(door: Door, untouched: Untouched) -> None:
    async with untouched():
        answer = await asyncio.to_thread(door.push, APPLICATIONS, await door.token("applicant"), b" " * 10_000_000)
    await door.problem(answer, 413, "body-too-large")


@pytest.mark.parametrize("what", NOWHERE)
async def test_what_leads_nowhere_is_told(door: Door, what: str) -> None:
    method, path, status, kind = NOWHERE[what]
    await door.problem(await door.ask(method, path, login="caseworker"), status, kind)


async def test_the_same_request_again_is_answered_with_the_same_application(door: Door, untouched: Untouched) -> None:
    body, key = application(), str(uuid4())
    first = await door.ask("POST", APPLICATIONS, body=body, Idempotency_Key=key)
    async with untouched():
        again = await door.ask("POST", APPLICATIONS, body=body, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


async def test_a_key_used_for_another_request_is_refused(door: Door, untouched: Untouched) -> None:
    key = str(uuid4())
    await door.ask("POST", APPLICATIONS, body=application(), Idempotency_Key=key)
    async with untouched():
        other = await door.ask("POST", APPLICATIONS, body=application(MARKER), Idempotency_Key=key)
    await door.problem(other, 422, "idempotency-key-reused")


async def test_a_request_that_creates_needs_a_key(door: Door, untouched: Untouched) -> None:
    async with untouched():
        answer = await door.ask("POST", APPLICATIONS, body=application(MARKER), Idempotency_Key="")
    await door.problem(answer, 400, "idempotency-key-missing")


async def test_somebody_elses_application_is_not_there(door: Door, office: Office, untouched: Untouched) -> None:
    case = await office.filed()
    async with untouched():
        read = await door.ask("GET", case.path, login="other-applicant")
        waived = await door.ask("POST", f"{case.path}/waiver", login="other-applicant", body={}, If_Match=case.etag)
    await door.problem(read, 404, "not-found")
    await door.problem(waived, 404, "not-found")
    listed = await door.ask("GET", APPLICATIONS, login="other-applicant")
    assert case.id not in listed.text
    assert (await office.people.applicant.get(case.path)).etag == case.etag


@pytest.mark.parametrize("service", SERVICES)
async def test_every_kind_of_problem_of_every_service_has_its_page(door: Door, service: str) -> None:
    kinds = json.loads((DOCUMENTS / service / "openapi.json").read_text("utf-8"))["x-problem-pages"]
    pages = [await door.ask("GET", f"/problems/{kind}", login=None) for kind in kinds]
    assert {kind for kind, page in zip(kinds, pages, strict=True) if page.status_code != 200} == set()
    assert len(kinds) > 30
