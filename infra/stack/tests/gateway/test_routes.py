"""What the gateway lets through, and how it tells what it cannot reach."""

import asyncio
import json
import re
from typing import Any

import pytest

from kfi_stack.ports import free_port

pytestmark = pytest.mark.servers

FORGED = "0a7e1e3e-0000-4000-8000-000000000000"
APPLICATIONS = "/applications/v1/applications"


async def test_a_request_with_a_token_reaches_its_service_and_keeps_the_token(
    gateway: str, ask: Any, token: str
) -> None:
    answer = await ask(gateway, f"{APPLICATIONS}?page=2", token=token)
    assert answer.status_code == 200
    assert answer.json()["path"] == f"{APPLICATIONS}?page=2"
    assert answer.json()["headers"]["authorization"] == f"Bearer {token}"


async def test_a_services_answer_gets_the_security_headers_and_loses_its_details(
    gateway: str, ask: Any, token: str
) -> None:
    answer = await ask(gateway, token=token)
    assert "envoy" not in str(answer.headers).lower()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not {"server", "x-powered-by"} & set(answer.headers)


async def test_the_correlation_id_is_the_gateways_own(gateway: str, ask: Any, token: str) -> None:
    forged = {"X-Request-Id": FORGED, "X-Correlation-Id": FORGED}
    told = (await ask(gateway, token=token, headers=forged)).json()["headers"]
    assert told["x-correlation-id"] == told["x-request-id"] != FORGED


@pytest.mark.parametrize("path", ["/applications/v1/openapi.json", "/problems/rate-limited"])
async def test_documents_need_no_token(gateway: str, ask: Any, path: str) -> None:
    assert (await ask(gateway, path)).json()["path"] == path


@pytest.mark.parametrize("path", ["/unknown/v1/things", "/applications/v2/x", "/applications", "/metrics"])
async def test_an_unknown_route_is_told(gateway: str, ask: Any, problem: Any, token: str, path: str) -> None:
    problem(await ask(gateway, path, token=token), 404)


async def test_a_services_own_answer_is_left_alone(gateway: str, ask: Any, token: str) -> None:
    answer = await ask(gateway, f"{APPLICATIONS}/absent", token=token)
    assert answer.status_code == 404
    assert answer.json()["path"] == f"{APPLICATIONS}/absent"


async def test_a_service_that_is_down_is_told_with_a_time_to_come_back(
    gateway: str, ask: Any, problem: Any, token: str
) -> None:
    answer = await ask(gateway, "/stopped/v1/things", token=token)
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


async def test_a_service_that_never_answers_is_told_as_such(
    gateway_with: Any, ask: Any, problem: Any, minted: Any
) -> None:
    with gateway_with(answer_seconds=0.2) as one:
        answer = await ask(one.address, f"{APPLICATIONS}/never", token=minted())
    assert "whether the request was carried out is not known" in problem(answer, 504)["detail"]
    assert int(answer.headers["retry-after"]) > 0


async def test_an_identity_provider_out_of_reach_is_not_the_callers_fault(
    gateway_with: Any, ask: Any, problem: Any, minted: Any
) -> None:
    with gateway_with(jwks_url=f"http://127.0.0.1:{free_port()}/jwks") as one:
        answer = await ask(one.address, token=minted())
    assert "identity provider" in problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        (b"GET /applications%2fv1/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nwith_underscore: 1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n", 401),
    ],
    ids=["no colon", "escaped slash", "underscore", "two lengths", "large header", "connect"],
)
async def test_what_is_hardly_http_gets_a_problem_too(gateway: str, request_bytes: bytes, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.rpartition(":")[2]))
    writer.write(request_bytes)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    body = await asyncio.wait_for(reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0])), 5)
    writer.close()
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json\r\n" in head
    assert json.loads(body)["status"] == status
