"""What the gateway lets through, what it refuses, and how it says so."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kfi_chassis.problems import CATALOGUE
from kfi_stack.gateway import Gateway, GatewayConfigurationError, Limit, Service
from kfi_stack.identity.tokens import Tokens
from kfi_stack.ports import free_port
from kfi_stack.supervisor import ProgramEnded, Supervisor

pytestmark = pytest.mark.servers

FORGED = "0a7e1e3e-0000-4000-8000-000000000000"
APPLICATIONS = "/applications/v1/applications"
GatewayWith = Callable[..., AbstractContextManager[Any]]


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer, after checking that it is a whole one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "remedy", "correlation_id"}
    assert document["status"] == status
    kind = CATALOGUE[document["type"].removeprefix("/problems/")]
    assert document["title"] == kind.title
    assert document["detail"]
    assert document["remedy"]
    assert document["correlation_id"] == answer.headers["x-correlation-id"]
    harmless(answer)
    return document


def harmless(answer: httpx2.Response) -> None:
    """The answer carries the security headers and nothing of the machinery behind."""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not {"server", "x-powered-by", "x-envoy-upstream-service-time"} & set(answer.headers)
    assert "envoy" not in answer.text.lower() + str(answer.headers).lower()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def token(provider: Any) -> str:
    """A caseworker's access token."""
    return await Tokens(provider.issuer).for_person("caseworker")


@pytest.fixture
def minted(provider: Any) -> Callable[..., str]:
    """Tokens signed with the provider's own key, with claims the provider would never write."""
    keys = KeySet([ECKey.import_key(json.loads(provider.key_file.read_text()))])

    def mint(typ: str = "at+jwt", signed_by: KeySet = keys, **changes: object) -> str:
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": "kfi", "sub": "account-9", "iat": now, "exp": now + 60} | changes
        return jwt.encode({"alg": "ES256", "typ": typ}, {k: v for k, v in claims.items() if v is not None}, signed_by)

    return mint


async def get(address: str, path: str = APPLICATIONS, **more: Any) -> httpx2.Response:
    async with httpx2.AsyncClient() as http:
        return await http.get(address + path, **more)


async def test_a_request_with_a_token_reaches_its_service_and_keeps_the_token(gateway: str, token: str) -> None:
    answer = await get(gateway, f"{APPLICATIONS}?page=2", headers=bearer(token))
    assert answer.status_code == 200
    assert answer.json()["path"] == f"{APPLICATIONS}?page=2"
    assert answer.json()["headers"]["authorization"] == f"Bearer {token}"


async def test_a_services_answer_gets_the_security_headers_and_loses_its_details(gateway: str, token: str) -> None:
    answer = await get(gateway, headers=bearer(token))
    assert "envoy" not in str(answer.headers).lower()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not {"server", "x-powered-by"} & set(answer.headers)


async def test_the_correlation_id_is_the_gateways_own(gateway: str, token: str) -> None:
    forged = {"X-Request-Id": FORGED, "X-Correlation-Id": FORGED}
    told = (await get(gateway, headers=bearer(token) | forged)).json()["headers"]
    assert told["x-correlation-id"] == told["x-request-id"] != FORGED


async def test_no_token_is_told_to_sign_in(gateway: str) -> None:
    answer = await get(gateway)
    assert "Authorization" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="kfi"'


async def test_an_expired_token_is_told_so(gateway: str, minted: Callable[..., str]) -> None:
    answer = await get(gateway, headers=bearer(minted(exp=int(time.time()) - 7)))
    assert "expired" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="kfi", error="invalid_token"'


async def test_five_seconds_of_skew_are_allowed(gateway: str, minted: Callable[..., str]) -> None:
    answer = await get(gateway, headers=bearer(minted(exp=int(time.time()) - 2)))
    assert answer.status_code == 200


async def test_a_token_without_an_end_is_refused(gateway: str, minted: Callable[..., str]) -> None:
    problem(await get(gateway, headers=bearer(minted(exp=None))), 401)


async def test_a_foreign_issuer_is_refused(gateway: str, minted: Callable[..., str]) -> None:
    problem(await get(gateway, headers=bearer(minted(iss="https://elsewhere.example"))), 401)


async def test_a_foreign_key_is_refused(gateway: str, minted: Callable[..., str]) -> None:
    foreign = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
    problem(await get(gateway, headers=bearer(minted(signed_by=foreign))), 401)


async def test_a_wrong_audience_is_refused(gateway: str, minted: Callable[..., str]) -> None:
    document = problem(await get(gateway, headers=bearer(minted(aud="another-platform"))), 403)
    assert "audience" in document["detail"]


async def test_a_token_in_the_query_counts_as_none_and_is_not_echoed(gateway: str, token: str) -> None:
    answer = await get(gateway, f"{APPLICATIONS}?access_token={token}")
    problem(answer, 401)
    assert token not in answer.text + str(answer.headers)


async def test_another_kind_of_jwt_passes_here_and_is_the_services_to_refuse(
    gateway: str, minted: Callable[..., str]
) -> None:
    assert (await get(gateway, headers=bearer(minted(typ="JWT")))).status_code == 200


async def test_what_cannot_be_read_as_a_token_is_refused(gateway: str) -> None:
    problem(await get(gateway, headers=bearer("not.a.token")), 401)


@pytest.mark.parametrize("path", ["/applications/v1/openapi.json", "/problems/rate-limited"])
async def test_documents_need_no_token(gateway: str, path: str) -> None:
    assert (await get(gateway, path)).json()["path"] == path


@pytest.mark.parametrize(
    "path",
    [
        "/applications/v1/openapi.json/",
        "/applications/v1//openapi.json/x",
        "/applications/v1/x/../applications",
        "/problems/../applications/v1/applications",
        "/health/ready",
        "/metrics",
        "/",
    ],
)
async def test_no_other_path_is_open(gateway: str, path: str) -> None:
    problem(await get(gateway, path), 401)


@pytest.mark.parametrize("path", ["/unknown/v1/things", "/applications/v2/x", "/applications", "/metrics"])
async def test_an_unknown_route_is_told(gateway: str, token: str, path: str) -> None:
    problem(await get(gateway, path, headers=bearer(token)), 404)


async def test_a_services_own_answer_is_left_alone(gateway: str, token: str) -> None:
    answer = await get(gateway, f"{APPLICATIONS}/absent", headers=bearer(token))
    assert answer.status_code == 404
    assert answer.json()["path"] == f"{APPLICATIONS}/absent"


async def test_a_body_over_a_mebibyte_is_refused(gateway: str, token: str) -> None:
    async with httpx2.AsyncClient() as http:
        largest = await http.post(gateway + APPLICATIONS, content=b"x" * 1_048_576, headers=bearer(token))
        too_large = await http.post(gateway + APPLICATIONS, content=b"x" * 2_097_152, headers=bearer(token))
    assert largest.json()["body_bytes"] == 1_048_576
    assert "1048576 bytes" in problem(too_large, 413)["remedy"]


async def test_a_route_may_take_more(gateway: str, token: str) -> None:
    async with httpx2.AsyncClient() as http:
        url = f"{gateway}/applications/v1/attachments"
        fits = await http.post(url, content=b"x" * 2_097_152, headers=bearer(token))
        too_large = await http.post(url, content=b"x" * 3_200_000, headers=bearer(token))
    assert fits.json()["body_bytes"] == 2_097_152
    problem(too_large, 413)


async def test_a_large_body_without_a_token_is_not_even_read(gateway: str) -> None:
    async with httpx2.AsyncClient() as http:
        problem(await http.post(gateway + APPLICATIONS, content=b"x" * 2_097_152), 401)


async def test_a_service_that_is_down_is_told_with_a_time_to_come_back(gateway: str, token: str) -> None:
    answer = await get(gateway, "/stopped/v1/things", headers=bearer(token))
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


async def test_too_many_requests_of_one_subject_leave_the_others_alone(
    gateway_with: GatewayWith, minted: Callable[..., str]
) -> None:
    with gateway_with(per_subject=Limit(per_second=1, burst=3)) as one:
        async with httpx2.AsyncClient(headers=bearer(minted(sub="account-1"))) as http:
            answers = [await http.get(one.address + APPLICATIONS) for _ in range(10)]
        other = await get(one.address, headers=bearer(minted(sub="account-2")))
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"
    assert other.status_code == 200


async def test_too_many_requests_of_one_source_are_refused_before_the_token_is_looked_at(
    gateway_with: GatewayWith,
) -> None:
    with gateway_with(per_source=Limit(per_second=1, burst=3)) as one:
        async with httpx2.AsyncClient() as http:
            answers = [await http.get(one.address + APPLICATIONS) for _ in range(10)]
    assert [answer.status_code for answer in answers[:3]] == [401, 401, 401]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"


async def test_a_service_that_never_answers_is_told_as_such(
    gateway_with: GatewayWith, minted: Callable[..., str]
) -> None:
    with gateway_with(answer_seconds=0.2) as one:
        answer = await get(one.address, f"{APPLICATIONS}/never", headers=bearer(minted()))
    assert "whether the request was carried out is not known" in problem(answer, 504)["detail"]
    assert int(answer.headers["retry-after"]) > 0


async def test_an_identity_provider_out_of_reach_is_not_the_callers_fault(
    gateway_with: GatewayWith, minted: Callable[..., str]
) -> None:
    with gateway_with(jwks_url=f"http://127.0.0.1:{free_port()}/jwks") as one:
        answer = await get(one.address, headers=bearer(minted()))
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


async def test_the_access_log_has_ids_and_no_query(gateway_with: GatewayWith, token: str) -> None:
    with gateway_with() as one:
        await get(one.address, f"{APPLICATIONS}?name=Sander&access_token={token}", headers=bearer(token))
    logged = one.program.log_file.read_text()
    [line] = [parsed for parsed in map(json.loads, logged.splitlines()) if parsed["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", APPLICATIONS, 200)
    assert (line["sub"], line["upstream"]) == ("account-101", "applications")
    assert "Sander" not in logged
    assert token not in logged


def test_a_second_copy_does_not_share_the_port(running_gateway: Any, tmp_path: Path) -> None:
    second = replace(running_gateway.settings, admin_port=free_port())
    with Supervisor() as supervisor, pytest.raises(ProgramEnded, match="Address already in use"):
        supervisor.start(second.program(tmp_path))


async def test_the_admin_port_shows_neither_configuration_nor_a_way_to_stop(running_gateway: Any) -> None:
    admin = f"http://127.0.0.1:{running_gateway.settings.admin_port}"
    assert (await get(admin, "/stats/prometheus")).status_code == 200
    assert (await get(admin, "/config_dump")).status_code == 403
    async with httpx2.AsyncClient() as http:
        assert (await http.post(f"{admin}/quitquitquit")).status_code == 403


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_envoy_accepts_the_configuration(tmp_path: Path, scheme: str) -> None:
    service = Service("applications", 8001, larger_bodies={"/applications/v1/attachments": 5_000_000})
    settings = Gateway(8080, 8081, f"{scheme}://id.example", f"{scheme}://id.example/jwks", (service,))
    assert settings.write(tmp_path / "envoy.yaml").is_file()


def test_an_invalid_configuration_is_told_without_the_file(tmp_path: Path) -> None:
    settings = Gateway(80800, 8081, "http://id.example", "http://id.example/jwks", (Service("applications", 8001),))
    with pytest.raises(GatewayConfigurationError) as refused:
        settings.write(tmp_path / "envoy.yaml")
    assert "PortValue: value must be less than or equal to 65535" in str(refused.value)
    assert len(str(refused.value)) < 500


def test_no_value_can_break_out_of_the_configuration(tmp_path: Path) -> None:
    service = Service('applications"}\n- evil: {"', 8001)
    rendered = Gateway(8080, 8081, 'http://id.example/"\n', "http://id.example/jwks", (service,)).configuration()
    [provider] = _jwt_filter(yaml.safe_load(rendered))["providers"].values()
    assert provider["issuer"] == 'http://id.example/"\n'


def _jwt_filter(configuration: Any) -> Any:
    manager = configuration["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    [found] = [one for one in manager["http_filters"] if one["name"] == "envoy.filters.http.jwt_authn"]
    return found["typed_config"]
