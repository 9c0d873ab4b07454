"""What a request must be before a use case sees it; and that nothing of it comes back in a refusal."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from kfi_chassis import request_guard
from kfi_chassis.http_server import http_server, listening_socket

MAKER = {"Authorization": "Bearer maker", "If-Match": '"1"'}
JSON = {**MAKER, "Content-Type": "application/json"}
SECRET = "Mustermann"


async def rename(demo: Any, content: bytes | str, **headers: str) -> httpx2.Response:
    answer = await demo.client.post(f"/demo/v1/things/{uuid4()}/name", content=content, headers={**JSON, **headers})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer


async def straight(demo: Any, arriving: Iterable[Any], *headers: tuple[bytes, bytes]) -> list[Any]:
    """Past the HTTP client, which would not send what is wrong: the messages of the answer."""
    messages, sent = iter(arriving), list[Any]()

    async def receive() -> Any:
        message = next(messages)
        if isinstance(message, Exception):
            raise message
        if isinstance(message, asyncio.Event):
            await message.wait()
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    usual = [(name.lower().encode(), value.encode()) for name, value in JSON.items()]
    path = f"/demo/v1/things/{demo.thing().id}/name"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [*usual, *headers]}
    await demo.app(scope, receive, send)
    return sent


def reasons(answer: httpx2.Response) -> set[tuple[str, str]]:
    return {(error["field"], error["reason"]) for error in answer.json()["errors"]}


async def test_a_body_over_the_limit_is_refused(demo: Any) -> None:
    answer = await rename(demo, b" " * 1_048_577)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_a_body_that_hides_its_length_is_refused_and_not_kept(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_guard, "DROP_BYTES", 1_048_576)
    more = [{"type": "http.request", "body": b" " * 65_536, "more_body": True}] * 40
    sent = await straight(demo, [*more, AssertionError("read without end")])
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_the_last_piece_of_a_body_counts_too(demo: Any) -> None:
    sent = await straight(demo, [{"type": "http.request", "body": b" " * 1_048_577, "more_body": False}])
    assert sent[0]["status"] == 413


async def test_a_body_announced_as_too_large_is_refused_even_when_nothing_follows(
    demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_guard, "DROP_SECONDS", 0.01)
    sent = await straight(demo, [asyncio.Event()], (b"content-length", b"1048577"))
    assert sent[0]["status"] == 413


async def test_whoever_sends_too_much_reads_why(demo: Any) -> None:
    """Through a real server: a client that is cut off while it sends would see a reset instead of the answer."""
    listener, stop = listening_socket("127.0.0.1", 0), asyncio.Event()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/demo/v1/things"
    async with asyncio.TaskGroup() as group, httpx2.AsyncClient() as client:
        group.create_task(http_server(demo.app, listener, grace_seconds=1)(stop))
        for content in (b"x" * 10_000_000, chunks(100, b"x" * 100_000)):
            answer = await client.post(address, content=content, headers=JSON)
            assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
        stop.set()


async def chunks(count: int, content: bytes) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield content


async def test_half_a_body_of_a_client_that_is_gone_is_no_request(demo: Any) -> None:
    begun = {"type": "http.request", "body": b'{"name": "x"}', "more_body": True}
    sent = await straight(demo, [begun, {"type": "http.disconnect"}])
    assert sent[0]["status"] == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "multipart/form-data; boundary=x"])
async def test_only_json_is_taken(demo: Any, media_type: str) -> None:
    answer = await rename(demo, '{"name": "x"}', **{"Content-Type": media_type})
    assert answer.status_code == 415


async def test_compressed_bodies_are_not_taken(demo: Any) -> None:
    assert (await rename(demo, b"{}", **{"Content-Encoding": "gzip"})).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": NaN}',
        b'{"name": 1e999}',
        b'{"name": "a", "name": "b"}',
        '{"name": "ä"}'.encode("latin-1"),
        '{"name": "a"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"1" * 5_000,
    ],
    ids=["cut", "nan", "infinite", "twice", "latin-1", "utf-16", "never-closed", "too-deep", "endless-number"],
)
async def test_json_that_readers_would_read_differently_is_refused(demo: Any, body: bytes) -> None:
    answer = await rename(demo, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/not-json")


async def test_json_with_very_many_values_is_refused(demo: Any) -> None:
    assert (await rename(demo, json.dumps([0] * 30_000))).status_code == 413


async def test_text_a_database_cannot_store_is_named_by_its_field(demo: Any) -> None:
    nul = await rename(demo, r'{"parts": [{"label": "x\u0000Mustermann"}]}')
    surrogate = await rename(demo, r'{"name": "\ud800Mustermann"}')
    assert (nul.status_code, reasons(nul)) == (422, {("/parts/0/label", "nul_character")})
    assert (surrogate.status_code, reasons(surrogate)) == (422, {("/name", "lone_surrogate")})
    assert SECRET not in nul.text + surrogate.text


async def test_a_key_that_is_somebodys_content_is_no_place_to_name(demo: Any) -> None:
    answer = await rename(demo, r'{"Erika Mustermann": {"parts": "\u0000"}}')
    assert reasons(answer) == {("/*/parts", "nul_character")}


async def test_nul_in_keys_and_address_is_refused_too(demo: Any) -> None:
    assert (await rename(demo, r'{"a\u0000": 1}')).status_code == 422
    for address in ("/demo/v1/things/%00", "/demo/v1/things?x=%00"):
        assert (await demo.client.get(address, headers=MAKER)).status_code == 422


async def test_every_wrong_field_is_listed_with_reason_and_fix(demo: Any) -> None:
    body = {"parts": [{"label": "x", "count": 100}, 7, {"label": "ab", "count": "many"}], "form": {"shape": "round"}}
    answer = await rename(demo, json.dumps(body))
    assert answer.status_code == 422
    assert reasons(answer) == {
        ("/name", "missing"),
        ("/parts/0/label", "string_too_short"),
        ("/parts/0/count", "less_than_equal"),
        ("/parts/1", "model_attributes_type"),
        ("/parts/2/count", "int_parsing"),
        ("/form/radius", "missing"),
    }
    assert {error["fix"] for error in answer.json()["errors"]} >= {"Add this field.", "Send a value of at most 99."}


async def test_wrong_parameters_are_named_by_their_place(demo: Any) -> None:
    answer = await demo.client.post("/demo/v1/things/7/name?limit=x", json={"name": "a"}, headers=MAKER)
    assert reasons(answer) == {("path:thing_id", "uuid_parsing"), ("query:limit", "int_parsing")}


async def test_input_is_never_echoed(demo: Any) -> None:
    for body in (
        {"name": SECRET * 10, SECRET: 1, "form": {"shape": SECRET}},
        {"name": "a", SECRET.lower(): 1, "parts": [{SECRET.lower(): SECRET}]},
        {"name": {SECRET: SECRET}, "parts": SECRET},
        [SECRET],
        SECRET,
    ):
        answer = await rename(demo, json.dumps(body))
        assert answer.status_code == 422
        assert SECRET.lower() not in answer.text.lower()


async def test_unknown_fields_are_refused_at_the_object_that_has_them(demo: Any) -> None:
    answer = await rename(demo, json.dumps({"name": "a", "parts": [{"label": "ab", "count": 1, "x": 1}], "y": 2}))
    assert reasons(answer) == {("", "unknown_field"), ("/parts/0", "unknown_field")}


async def test_a_thousand_wrong_fields_make_no_endless_answer(demo: Any) -> None:
    answer = await rename(demo, json.dumps({f"field_{number}": number for number in range(1_000)}))
    assert len(answer.json()["errors"]) <= 50


async def test_an_address_that_is_not_there_and_a_method_not_offered_are_problems(demo: Any) -> None:
    missing = await demo.client.get("/demo/v1/nothing")
    wrong = await demo.client.delete(f"/demo/v1/things/{uuid4()}")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not-found")
    assert (wrong.status_code, wrong.json()["type"], wrong.headers["allow"]) == (
        405,
        "/problems/method-not-allowed",
        "GET",
    )
