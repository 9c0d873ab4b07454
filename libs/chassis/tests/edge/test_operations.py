"""Health tells machines what to do, operators what is going on, and the public nothing."""

import asyncio
from typing import Any

import httpx2
import pytest

from kfi_chassis.problems import CATALOGUE


async def test_a_task_that_stands_still_turns_liveness_red(demo: Any) -> None:
    progressing = True
    demo.health.watch("consumer", lambda: progressing)
    assert (await demo.client.get("/health/live")).status_code == 200
    progressing = False
    answer = await demo.client.get("/health/live")
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "consumer": False})


async def test_readiness_is_red_without_its_database_and_while_draining(demo: Any) -> None:
    reached = True

    async def database() -> bool:
        if not reached:
            raise ConnectionRefusedError
        return True

    demo.health.require("database", database)
    assert (await demo.client.get("/health/ready")).status_code == 200
    reached = False
    assert (await demo.client.get("/health/ready")).status_code == 503
    reached, demo.health.draining = True, True
    assert (await demo.client.get("/health/ready")).json() == {"ok": False, "database": True, "not_draining": False}


async def test_a_check_that_hangs_is_a_no(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr("kfi_chassis.health.CHECK_SECONDS", 0.02)
    demo.health.require("database", hangs)
    assert (await demo.client.get("/health/ready")).status_code == 503


async def test_liveness_does_not_ask_the_database(demo: Any) -> None:
    async def away() -> bool:
        raise ConnectionRefusedError

    demo.health.require("database", away)
    assert (await demo.client.get("/health/live")).status_code == 200


async def test_details_are_for_operators_only(demo: Any) -> None:
    ask = demo.client.get
    assert (await ask("/health/details")).status_code == 401
    assert (await ask("/health/details", headers={"Authorization": "Bearer maker"})).status_code == 403
    assert (await ask("/health/details", headers={"Authorization": "Bearer operator"})).status_code == 200


@pytest.mark.parametrize(("address", "headers", "status"), [
    ("127.0.0.1", {}, 200),
    ("::1", {}, 200),
    ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
    ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
    ("10.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 401),
])  # fmt: skip
async def test_details_are_shown_on_the_machine_itself_but_not_through_a_proxy(
    demo: Any, address: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx2.ASGITransport(app=demo.app, client=(address, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        assert (await client.get("/health/details", headers=headers)).status_code == status


async def test_a_detail_that_cannot_be_read_hides_no_other(demo: Any) -> None:
    async def broken() -> dict[str, int]:
        raise RuntimeError("geheim")

    async def lag() -> dict[str, int]:
        return {"lag": 3}

    demo.health.describe("outbox", broken)
    demo.health.describe("consumer", lag)
    answer = await demo.client.get("/health/details", headers={"Authorization": "Bearer operator"})
    assert answer.json()["consumer"] == {"lag": 3}
    assert answer.json()["outbox"] == {"cannot_be_read": "RuntimeError"}


async def test_metrics_are_exposed(demo: Any) -> None:
    assert (await demo.client.get("/metrics")).text == "up 1\n"


async def test_every_problem_type_has_a_page_that_says_what_to_do(demo: Any) -> None:
    for kind in CATALOGUE.values():
        page = await demo.client.get(kind.uri)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "What to do" in page.text


async def test_a_problem_type_that_is_not_there_has_no_page_and_is_not_echoed(demo: Any) -> None:
    answer = await demo.client.get("/problems/%3Cscript%3E")
    assert answer.status_code == 404
    assert "script" not in answer.text
