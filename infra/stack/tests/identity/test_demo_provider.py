"""What only the demo provider promises: its people, its strictness, its pages. In process, without a server."""

import base64
import hashlib
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from kfi_stack.identity.application import create_application
from kfi_stack.identity.codes import CODE_SECONDS
from kfi_stack.identity.directory import Directory
from kfi_stack.identity.login_form import LoginForm
from kfi_stack.identity.provider import DemoProvider
from kfi_stack.identity.signing_key import load_or_create

ISSUER = "http://127.0.0.1:9000"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:5555/callback"
ASKED = {
    "response_type": "code",
    "client_id": "kfi-demo",
    "redirect_uri": CALLBACK,
    "scope": "openid profile",
    "state": "st'ate",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture
def keys(tmp_path: Path) -> KeySet:
    return load_or_create(tmp_path / "key.json")


@pytest.fixture
async def http(keys: KeySet) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a provider in this process."""
    provider = DemoProvider(ISSUER, Directory.from_file(), keys, token_seconds=300)
    transport = httpx2.ASGITransport(create_application(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


async def code_of(http: httpx2.AsyncClient, login: str = "caseworker", **changes: str) -> str:
    answer = await http.post("/authorize", params=ASKED | changes, data={"username": login})
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def redeemed(http: httpx2.AsyncClient, code: str, **changes: str) -> httpx2.Response:
    asked = {"grant_type": "authorization_code", "client_id": "kfi-demo", "redirect_uri": CALLBACK}
    return await http.post("/token", data=asked | {"code": code, "code_verifier": VERIFIER} | changes)


async def claims_of(http: httpx2.AsyncClient, keys: KeySet, login: str) -> dict[str, Any]:
    answer = await redeemed(http, await code_of(http, login))
    return jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"]).claims


async def test_two_accounts_of_one_person_differ_in_account_and_role_only(
    http: httpx2.AsyncClient, keys: KeySet
) -> None:
    first, second = [await claims_of(http, keys, login) for login in ("caseworker", "caseworker-as-signatory")]
    other = await claims_of(http, keys, "signatory")
    assert first["person"] == second["person"] != other["person"]
    assert first["sub"] != second["sub"]
    assert (first["roles"], second["roles"]) == (["funding-caseworker"], ["funding-signatory"])


async def test_two_applicants_belong_to_two_organisations(http: httpx2.AsyncClient, keys: KeySet) -> None:
    first, second = [await claims_of(http, keys, login) for login in ("applicant", "other-applicant")]
    assert first["roles"] == second["roles"] == ["applicant"]
    assert first["organisation"] != second["organisation"]


@pytest.mark.parametrize("role", ["budget-officer", "operator", "auditor"])
async def test_the_other_duties_have_one_person_each(http: httpx2.AsyncClient, keys: KeySet, role: str) -> None:
    claims = await claims_of(http, keys, role)
    assert claims["roles"] == [role]
    assert not {"organisation", "ags"} & set(claims)


def test_logins_accounts_and_clients_are_unique() -> None:
    directory = Directory.from_file()
    for names in (
        [account.login for account in directory.people],
        [account.sub for account in directory.people],
        [client.client_id for client in directory.clients],
    ):
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"response_type": "token"},
        {"prompt": "none"},
    ],
)
async def test_a_wrong_request_is_told_to_the_client_with_its_state(
    http: httpx2.AsyncClient, changes: dict[str, str]
) -> None:
    answer = await http.get("/authorize", params=ASKED | changes)
    came_back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(CALLBACK)
    assert came_back["state"] == ["st'ate"]
    assert "error" in came_back
    assert "code" not in came_back


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "http://elsewhere.example/callback"},
        {"redirect_uri": "http://127.0.0.1.elsewhere.example/callback"},
        {"redirect_uri": "http://user@127.0.0.1/callback"},
        {"redirect_uri": "http://127.0.0.1:5555/other"},
        {"redirect_uri": "https://127.0.0.1/callback"},
        {"redirect_uri": 'http://127.0.0.1/"<callback'},
    ],
)
async def test_a_request_from_an_unknown_client_leads_nowhere_and_is_not_echoed(
    http: httpx2.AsyncClient, changes: dict[str, str]
) -> None:
    for method in ("GET", "POST"):
        answer = await http.request(method, "/authorize", params=ASKED | changes)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "elsewhere" not in answer.text


async def test_a_code_is_redeemed_once(http: httpx2.AsyncClient) -> None:
    code = await code_of(http)
    assert (await redeemed(http, code)).status_code == 200
    assert (await redeemed(http, code)).json()["error"] == "invalid_grant"


async def test_a_code_is_of_use_to_its_own_client_only(keys: KeySet) -> None:
    known = Directory.from_file()
    thief = known.clients[0].model_copy(update={"client_id": "thief"})
    directory = known.model_copy(update={"clients": (*known.clients, thief)})
    provider = DemoProvider(ISSUER, directory, keys, token_seconds=300)
    transport = httpx2.ASGITransport(create_application(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
        refused = await redeemed(http, await code_of(http), client_id="thief")
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:5556/callback"},
    ],
)
async def test_a_wrong_redemption_fails_and_uses_the_code_up(http: httpx2.AsyncClient, changes: dict[str, str]) -> None:
    code = await code_of(http)
    refused = await redeemed(http, code, **changes)
    assert refused.status_code == 400
    assert refused.json()["error"] in ("invalid_grant", "invalid_request")
    assert (await redeemed(http, code)).status_code == 400


async def test_a_code_ends_after_a_minute(http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    code = await code_of(http)
    monkeypatch.setattr("kfi_stack.identity.codes.CODE_SECONDS", -1)
    assert CODE_SECONDS == 60
    assert (await redeemed(http, code)).json()["error"] == "invalid_grant"


async def test_unredeemed_codes_do_not_pile_up(keys: KeySet, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = DemoProvider(ISSUER, Directory.from_file(), keys, token_seconds=300)
    monkeypatch.setattr("kfi_stack.identity.codes.CODE_SECONDS", -1)
    transport = httpx2.ASGITransport(create_application(provider))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
        for _ in range(5):
            await code_of(http)
    assert len(provider.codes) == 1


async def test_a_public_client_gets_no_token_in_its_own_name(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/token", data={"grant_type": "client_credentials", "client_id": "kfi-demo"})
    assert answer.json()["error"] in ("invalid_client", "unauthorized_client")


async def test_refresh_is_not_offered(http: httpx2.AsyncClient) -> None:
    assert "refresh_token" not in (await redeemed(http, await code_of(http))).json()
    answer = await http.post("/token", data={"grant_type": "refresh_token", "client_id": "kfi-demo"})
    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("content", [b"x" * 20_000, b"grant_type=\xff", b"grant_type=%22", b"&".join([b"a=1"] * 51)])
async def test_an_unreadable_form_is_refused(http: httpx2.AsyncClient, content: bytes) -> None:
    answer = await http.post("/token", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_the_login_page_says_it_is_a_demo_and_offers_everyone(http: httpx2.AsyncClient) -> None:
    page = await http.get("/authorize", params=ASKED)
    assert '<html lang="de">' in page.text
    assert "nur zur Vorführung" in page.text
    offered = set(re.findall(r'name="username" value="([^"]+)"', page.text))
    assert offered == {account.login for account in Directory.from_file().people}


async def test_the_login_pages_form_carries_the_request_on(http: httpx2.AsyncClient) -> None:
    page = await http.get("/authorize", params=ASKED)
    form = LoginForm.on(page.text)
    answer = await http.post(form.action, data=form.filled("auditor", None))
    assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == ["st'ate"]


async def test_pages_have_a_strict_policy_and_no_inline_style_or_script(http: httpx2.AsyncClient) -> None:
    page = await http.get("/authorize", params=ASKED)
    policy = page.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:5555; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert not re.search(r"<script|<style|style=|javascript:", page.text)
    assert (page.headers["x-content-type-options"], page.headers["cache-control"]) == ("nosniff", "no-store")


async def test_signing_out_leads_back_to_the_client(http: httpx2.AsyncClient) -> None:
    id_token = (await redeemed(http, await code_of(http))).json()["id_token"]
    back = {"post_logout_redirect_uri": "http://127.0.0.1:5555/signed-out", "state": "bye"}
    answer = await http.get("/end-session", params=back | {"id_token_hint": id_token})
    assert answer.headers["location"] == "http://127.0.0.1:5555/signed-out?state=bye"


@pytest.mark.parametrize("hint", [{}, {"id_token_hint": "forged.token.here"}])
async def test_signing_out_without_a_proof_leads_nowhere(http: httpx2.AsyncClient, hint: dict[str, str]) -> None:
    back = {"post_logout_redirect_uri": "http://127.0.0.1:5555/signed-out", "client_id": "kfi-demo"}
    answer = await http.post("/end-session", data=back | hint)
    assert "location" not in answer.headers


def test_the_signing_key_outlives_a_restart_and_is_the_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "identity" / "key.json"
    first, second = load_or_create(file), load_or_create(file)
    assert first.as_dict(private=True) == second.as_dict(private=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["key.json"]
