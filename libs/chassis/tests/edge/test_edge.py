"""Who may, which version they saw, and what becomes of what goes wrong inside."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from kfi_chassis import logs
from kfi_chassis.redaction import described
from kfi_chassis.transient import Contention, VersionConflict

MAKER = {"Authorization": "Bearer maker"}


async def rename(demo: Any, thing: Any, **headers: str) -> httpx2.Response:
    return await demo.client.post(f"/demo/v1/things/{thing.id}/name", json={"name": "b"}, headers={**MAKER, **headers})


def slug(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_without_a_token_nobody_gets_in(demo: Any) -> None:
    for headers in ({}, {"Authorization": "Basic bWFrZXI6eA=="}, {"Authorization": "Bearer"}):
        answer = await demo.client.get(f"/demo/v1/things/{uuid4()}", headers=headers)
        assert (answer.status_code, slug(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_address_is_none(demo: Any) -> None:
    assert (await demo.client.get(f"/demo/v1/things/{uuid4()}?access_token=maker")).status_code == 401


async def test_a_refused_token_is_told_with_its_reason(demo: Any) -> None:
    answer = await demo.client.get(f"/demo/v1/things/{uuid4()}", headers={"Authorization": "Bearer expired"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["errors"][0]["reason"] == "expired"


async def test_a_role_too_little_is_forbidden_and_one_of_several_is_enough(demo: Any) -> None:
    thing = demo.thing()
    answer = await rename(demo, thing, Authorization="Bearer reader")
    assert (answer.status_code, slug(answer)) == (403, "forbidden")
    assert (await rename(demo, thing, Authorization="Bearer master", **{"If-Match": '"1"'})).status_code == 200


async def test_who_may_not_is_told_so_before_the_input_is_looked_at(demo: Any) -> None:
    answer = await demo.client.post("/demo/v1/things/7/name", json={}, headers={"Authorization": "Bearer reader"})
    assert answer.status_code == 403


async def test_the_version_shown_is_the_version_to_act_on(demo: Any) -> None:
    thing = demo.thing(version=4)
    shown = await demo.client.get(f"/demo/v1/things/{thing.id}", headers=MAKER)
    answer = await rename(demo, thing, **{"If-Match": shown.headers["etag"]})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"5"')


async def test_an_action_that_does_not_say_what_it_saw_is_asked_to(demo: Any) -> None:
    answer = await rename(demo, demo.thing())
    assert (answer.status_code, slug(answer)) == (428, "precondition-required")


@pytest.mark.parametrize("tag", ["*", "1", 'W/"1"', '"1", "2"', '"x"', '"-1"', '""', '"99999999999999999999"', '"01"'])
async def test_what_is_no_etag_of_ours_is_named(demo: Any, tag: str) -> None:
    answer = await rename(demo, demo.thing(), **{"If-Match": tag})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header:If-Match"


async def test_a_stale_version_is_told(demo: Any) -> None:
    thing = demo.thing(version=2)
    answer = await rename(demo, thing, **{"If-Match": '"1"'})
    assert (answer.status_code, slug(answer)) == (412, "version-mismatch")
    assert demo.transactions.things[thing.id] == thing


async def test_a_race_lost_at_every_attempt_is_a_stale_version_too(demo: Any) -> None:
    demo.transactions.failure = Contention("again and again")
    demo.transactions.failure.__cause__ = VersionConflict()
    assert (await rename(demo, demo.thing(), **{"If-Match": '"1"'})).status_code == 412


async def test_a_race_without_a_version_seen_is_a_conflict(demo: Any) -> None:
    answer = await demo.client.post("/demo/v1/faults/race", headers=MAKER)
    assert (answer.status_code, slug(answer)) == (409, "conflict")


@pytest.mark.parametrize("outage", [ConnectionRefusedError(), TimeoutError(), Contention("deadlocks")])
async def test_an_outage_of_the_database_is_503_with_retry_after(demo: Any, outage: Exception) -> None:
    demo.transactions.failure = outage
    answer = await rename(demo, demo.thing(), **{"If-Match": '"1"'})
    assert (answer.status_code, slug(answer)) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_rule_of_the_domain_becomes_the_problem_it_was_given(demo: Any) -> None:
    answer = await demo.client.post("/demo/v1/faults/season", headers=MAKER)
    assert (answer.status_code, slug(answer)) == (409, "demo-out-of-season")
    assert "geheim" not in answer.text


async def test_a_fault_of_ours_is_a_problem_that_says_nothing_of_the_inside(demo: Any) -> None:
    answer = await demo.client.post("/demo/v1/faults/bug", headers=MAKER)
    assert (answer.status_code, slug(answer)) == (500, "internal-error")
    assert "geheim" not in answer.text
    assert "ZeroDivision" not in answer.text


async def test_a_fault_within_a_transaction_is_told_and_logged_like_any_other(
    demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(logs, "_LOGGER", SimpleNamespace(log=lambda *_, extra, **__: logged.append(extra["failure"])))
    demo.transactions.failure = ZeroDivisionError("geheim")
    answer = await rename(demo, demo.thing(), **{"If-Match": '"1"'})
    assert (answer.status_code, slug(answer)) == (500, "internal-error")
    (error,) = [described(error) for error in logged if error is not None]
    assert error["type"] == "builtins.ZeroDivisionError"
    assert "cause" not in error


async def test_somebody_elses_thing_is_not_found(demo: Any) -> None:
    answer = await demo.client.get(f"/demo/v1/things/{uuid4()}", headers=MAKER)
    assert (answer.status_code, slug(answer)) == (404, "not-found")


@pytest.mark.parametrize("key", [None, "", "short", "with space in it", "ä" * 10, "x" * 129])
async def test_a_creating_post_needs_a_usable_idempotency_key(demo: Any, key: str | None) -> None:
    headers: Any = {**MAKER, **({} if key is None else {"Idempotency-Key": key.encode()})}
    answer = await demo.client.post("/demo/v1/things", json={"name": "a"}, headers=headers)
    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-missing")
    assert demo.transactions.things == {}


async def test_the_correlation_id_of_the_caller_goes_through(demo: Any) -> None:
    thing, given = demo.thing(), str(uuid4())
    answer = await rename(demo, thing, **{"If-Match": '"1"', "X-Correlation-Id": given})
    assert answer.headers["x-correlation-id"] == given
    assert demo.transactions.correlation_ids == [given]


async def test_a_trace_of_the_caller_goes_through_and_nothing_else_does(demo: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for given in (trace, "00-Mustermann"):
        await demo.client.get(f"/demo/v1/things/{uuid4()}", headers={**MAKER, "traceparent": given})
    assert demo.transactions.traces == [trace, None]


async def test_a_made_up_correlation_id_is_replaced(demo: Any) -> None:
    answer = await demo.client.get("/health/live", headers={"X-Correlation-Id": "forged\tline"})
    assert answer.headers["x-correlation-id"] != "forged\tline"


async def test_a_problem_carries_its_correlation_id(demo: Any) -> None:
    answer = await demo.client.get("/demo/v1/nothing")
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]


async def test_every_answer_has_the_security_headers_and_none_opens_the_door_to_other_sites(demo: Any) -> None:
    for address in ("/health/live", "/demo/v1/nothing", "/problems/not-found"):
        headers = (await demo.client.get(address, headers={"Origin": "https://elsewhere.example"})).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert not [name for name in headers if name.startswith("access-control-")]


async def test_requests_are_counted_by_the_template_of_their_route(demo: Any) -> None:
    await demo.client.get(f"/demo/v1/things/{uuid4()}", headers=MAKER)
    await demo.client.request("BREW", "/demo/v1/nothing/4711")
    await demo.client.post("/demo/v1/faults/bug", headers=MAKER)
    assert demo.metrics.answered == [
        ("/demo/v1/things/{thing_id}", "GET", 404),
        ("unmatched", "ANY", 404),
        ("/demo/v1/faults/{kind}", "POST", 500),
    ]


async def test_a_database_that_does_not_answer_is_given_up_in_time(demo: Any) -> None:
    async def never(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    demo.transactions.run = never
    demo.app.state.settings = type("Hurried", (), {"request_timeout_seconds": 0.05})()
    answer = await demo.client.get(f"/demo/v1/things/{uuid4()}", headers=MAKER)
    assert answer.status_code == 503
