"""What the gateway lets through, what it refuses, and how it says so."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kfi_chassis.problems import CATALOGUE
from kfi_stack.gateway import Limit
from kfi_stack.identity.tokens import Tokens

pytestmark = pytest.mark.servers

APPLICATIONS = "/applications/v1/applications"
GatewayWith = Callable[..., AbstractContextManager[str]]


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
    assert "server" not in answer.headers
    assert "envoy" not in answer.text.lower() + str(answer.headers).lower()
    return document


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
    with gateway_with(per_subject=Limit(per_second=1, burst=3)) as address:
        async with httpx2.AsyncClient(headers=bearer(minted(sub="account-1"))) as http:
            answers = [await http.get(address + APPLICATIONS) for _ in range(10)]
        other = await get(address, headers=bearer(minted(sub="account-2")))
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"
    assert other.status_code == 200


async def test_too_many_requests_of_one_source_are_refused_before_the_token_is_looked_at(
    gateway_with: GatewayWith,
) -> None:
    with gateway_with(per_source=Limit(per_second=1, burst=3)) as address:
        async with httpx2.AsyncClient() as http:
            answers = [await http.get(address + APPLICATIONS) for _ in range(10)]
    assert [answer.status_code for answer in answers[:3]] == [401, 401, 401]
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"
