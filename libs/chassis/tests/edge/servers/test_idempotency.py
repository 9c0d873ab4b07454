"""A POST that creates, sent twice, creates once; on a real PostgreSQL, for the promise is about its transactions."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


async def test_the_same_request_twice_creates_once(demo: Any) -> None:
    key = str(uuid4())
    first, second = await demo.make(key), await demo.make(key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert len(await demo.rows("SELECT * FROM thing")) == 1


async def test_a_repeated_request_shows_the_thing_as_it_is_now(demo: Any) -> None:
    key = str(uuid4())
    made = (await demo.make(key)).json()
    headers = {"Authorization": "Bearer maker", "If-Match": '"1"'}
    await demo.client.post(f"/demo/v1/things/{made['id']}/name", json={"name": "candle"}, headers=headers)
    again = await demo.make(key)
    assert again.json() == {"id": made["id"], "name": "candle", "version": 2}
    assert again.headers["etag"] == '"2"'


async def test_two_spellings_of_the_same_json_are_the_same_request(demo: Any) -> None:
    key = str(uuid4())
    headers = {"Authorization": "Bearer maker", "Idempotency-Key": key, "Content-Type": "application/json"}
    for body in ('{"name": "lamp", "hold": 0}', '{"hold":0,"name":"lamp"}'):
        answer = await demo.client.post("/demo/v1/things", content=body, headers=headers)
        assert answer.status_code == 201
    assert answer.headers["idempotency-replayed"] == "true"


async def test_a_key_used_for_another_request_is_refused_and_nothing_is_done(demo: Any) -> None:
    key = str(uuid4())
    await demo.make(key)
    answer = await demo.make(key, name="candle")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await demo.rows("SELECT * FROM thing")) == 1


async def test_the_same_key_of_another_account_is_another_request(demo: Any) -> None:
    key = str(uuid4())
    first, second = await demo.make(key, role="anna"), await demo.make(key, role="berta")
    assert first.json()["id"] != second.json()["id"]


async def test_while_the_first_is_in_flight_the_second_is_told_so(demo: Any) -> None:
    key = str(uuid4())
    first = asyncio.create_task(demo.make(key, hold=1.0))
    await demo.until_in_flight()
    second = await demo.make(key, hold=1.0)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/in-flight")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201


async def test_many_at_the_same_moment_create_one(demo: Any) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(demo.make(key) for _ in range(15)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(await demo.rows("SELECT * FROM thing")) == 1


async def test_a_command_that_failed_leaves_no_key_and_can_be_sent_again(demo: Any) -> None:
    key = str(uuid4())
    assert (await demo.make(key, name="impossible")).status_code == 404
    assert await demo.rows("SELECT * FROM thing") == []
    assert (await demo.make(key, name="lamp")).status_code == 201


async def test_the_key_is_stored_with_hash_and_id_and_never_with_the_body(demo: Any) -> None:
    made = await demo.make(str(uuid4()), name="Mustermann")
    (row,) = await demo.rows("SELECT * FROM idempotency_key")
    assert row.resource_id == made.json()["id"]
    assert len(row.request_hash) == 64
    assert "Mustermann" not in str(row)


async def test_a_stale_version_is_told_by_the_row_itself(demo: Any) -> None:
    made = (await demo.make(str(uuid4()))).json()
    headers = {"Authorization": "Bearer maker", "If-Match": '"1"'}
    answers = [
        await demo.client.post(f"/demo/v1/things/{made['id']}/name", json={"name": name}, headers=headers)
        for name in ("candle", "torch")
    ]
    assert [answer.status_code for answer in answers] == [200, 412]
    assert [row.name for row in await demo.rows("SELECT name FROM thing")] == ["candle"]
