"""Which tokens pass the gateway."""

import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet

pytestmark = pytest.mark.servers

APPLICATIONS = "/applications/v1/applications"


async def test_no_token_is_told_to_sign_in(gateway: str, ask: Any, problem: Any) -> None:
    answer = await ask(gateway)
    assert "Authorization" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="kfi"'


async def test_an_expired_token_is_told_so(gateway: str, ask: Any, problem: Any, minted: Any) -> None:
    answer = await ask(gateway, token=minted(exp=int(time.time()) - 7))
    assert "expired" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="kfi", error="invalid_token"'


async def test_five_seconds_of_skew_are_allowed(gateway: str, ask: Any, minted: Any) -> None:
    answer = await ask(gateway, token=minted(exp=int(time.time()) - 2))
    assert answer.status_code == 200


async def test_a_token_without_an_end_is_refused(gateway: str, ask: Any, problem: Any, minted: Any) -> None:
    problem(await ask(gateway, token=minted(exp=None)), 401)


async def test_a_foreign_issuer_is_refused(gateway: str, ask: Any, problem: Any, minted: Any) -> None:
    problem(await ask(gateway, token=minted(iss="https://elsewhere.example")), 401)


async def test_a_foreign_key_is_refused(gateway: str, ask: Any, problem: Any, minted: Any) -> None:
    foreign = KeySet([ECKey.generate_key("P-256", auto_kid=True)])
    problem(await ask(gateway, token=minted(signed_by=foreign)), 401)


async def test_a_wrong_audience_is_refused(gateway: str, ask: Any, problem: Any, minted: Any) -> None:
    document = problem(await ask(gateway, token=minted(aud="another-platform")), 403)
    assert "audience" in document["detail"]


async def test_a_token_in_the_query_counts_as_none_and_is_not_echoed(
    gateway: str, ask: Any, problem: Any, token: str
) -> None:
    answer = await ask(gateway, f"{APPLICATIONS}?access_token={token}")
    problem(answer, 401)
    assert token not in answer.text + str(answer.headers)


async def test_another_kind_of_jwt_passes_here_and_is_the_services_to_refuse(
    gateway: str, ask: Any, minted: Any
) -> None:
    assert (await ask(gateway, token=minted(typ="JWT"))).status_code == 200


async def test_what_cannot_be_read_as_a_token_is_refused(gateway: str, ask: Any, problem: Any) -> None:
    problem(await ask(gateway, token="not.a.token"), 401)


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
async def test_no_other_path_is_open(gateway: str, ask: Any, problem: Any, path: str) -> None:
    problem(await ask(gateway, path), 401)
