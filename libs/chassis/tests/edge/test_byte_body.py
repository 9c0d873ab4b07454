"""Routes that take bytes: their body comes part by part, bounded, and half of one never passes for a whole one."""

from collections.abc import Iterable
from typing import Any

import pytest
from fastapi import APIRouter, Request

from kfi_chassis import request_guard
from kfi_chassis.api_document import document
from kfi_chassis.byte_body import ByteBody, takes_bytes
from kfi_chassis.health import Health
from kfi_chassis.http import create_api, iter_route_contexts
from kfi_chassis.problems import BodyTooLarge

router = APIRouter(prefix="/things")
LIMIT = 100_000
SIZES: list[int] = []


@router.post("/{thing_id}/files")
@takes_bytes("application/pdf")
async def post_file(thing_id: int, request: Request) -> int:
    """Take a file."""
    body = ByteBody(request, limit=LIMIT)
    try:
        SIZES[:] = [len(part) async for part in body.parts()]
    except BodyTooLarge:
        await body.drop()
        raise
    return sum(SIZES)


class Settings:
    max_body_bytes = 1024
    request_timeout_seconds = 1.0


class Quiet:
    def request_answered(self, **_: object) -> None: ...

    def exposition(self) -> tuple[bytes, str]:
        return b"", ""


@pytest.fixture
def app() -> Any:
    return create_api("bytes", Settings(), [router], transactions=None, verifier=None, health=Health(), metrics=Quiet())  # type: ignore[arg-type]


async def asked(app: Any, arriving: Iterable[Any], *headers: tuple[bytes, bytes]) -> tuple[int, int]:
    """Status of the answer, and how many messages were taken."""
    messages, taken, sent = iter(arriving), 0, list[Any]()

    async def receive() -> Any:
        nonlocal taken
        taken += 1
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/bytes/v1/things/7/files", "query_string": b"", "headers": headers,
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], taken


def part(size: int, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_parts_reach_the_route_one_by_one_beyond_the_limit_of_json(app: Any) -> None:
    assert await asked(app, [part(30_000), part(0), part(40_000, more=False)]) == (200, 3)
    assert SIZES == [30_000, 40_000]


async def test_a_declared_length_beyond_the_limit_is_refused(app: Any) -> None:
    assert await asked(app, [part(1, more=False)], (b"content-length", b"100001")) == (413, 1)


async def test_a_hidden_length_is_refused_and_the_rest_dropped_within_limits(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_guard, "DROP_BYTES", 300_000)
    status, taken = await asked(app, [part(60_000)] * 100)
    assert (status, taken) == (413, 7)


async def test_half_a_file_is_no_file(app: Any) -> None:
    status, _ = await asked(app, [part(10_000), {"type": "http.disconnect"}])
    assert status == 400


def test_the_document_says_that_bytes_are_taken(app: Any) -> None:
    routes = [found for found in iter_route_contexts(app.routes) if "/things" in str(found.path_format)]
    operation = document(app, routes)["paths"]["/bytes/v1/things/{thing_id}/files"]["post"]
    assert operation["requestBody"]["content"]["application/pdf"]["schema"]["format"] == "binary"
