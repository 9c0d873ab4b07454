"""The contract with an identity provider: claims and flows the services and the gateway rely on.

It runs against the demo provider, and against any other one (say a Keycloak realm) that these variables describe:
KFI_IDENTITY_ISSUER, KFI_IDENTITY_CLIENT (public, PKCE, may use KFI_IDENTITY_REDIRECT_URI), KFI_IDENTITY_LOGIN and
KFI_IDENTITY_PASSWORD of somebody with the role funding-caseworker, KFI_IDENTITY_TOWN_CLIENT and
KFI_IDENTITY_TOWN_SECRET of a client with the role municipality.
"""

import os
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from kfi_stack.identity.tokens import CALLBACK, SignInError, Tokens

pytestmark = pytest.mark.servers

NEEDED = ("ISSUER", "CLIENT", "LOGIN", "PASSWORD", "TOWN_CLIENT", "TOWN_SECRET")


@dataclass(frozen=True)
class Contract:
    """A provider under test, and who signs in there."""

    issuer: str
    client_id: str
    login: str
    town_client: str
    tokens: Tokens

    async def claims(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims, after checking the signature with the published keys."""
        async with httpx2.AsyncClient() as http:
            discovery = (await http.get(f"{self.issuer}/.well-known/openid-configuration")).json()
            keys = KeySet.import_key_set((await http.get(discovery["jwks_uri"])).json())
        decoded = jwt.decode(token, keys, algorithms=["ES256", "RS256"])
        return decoded.header, decoded.claims


DESCRIBED = {name: os.environ.get(f"KFI_IDENTITY_{name}", "") for name in NEEDED}


@pytest.fixture(params=["demo", "other"] if any(DESCRIBED.values()) else ["demo"])
def contract(request: pytest.FixtureRequest) -> Contract:
    if request.param == "demo":
        issuer = request.getfixturevalue("provider").issuer
        return Contract(issuer, "kfi-demo", "caseworker", "town-05515000", Tokens(issuer))
    tokens = Tokens(
        DESCRIBED["ISSUER"],
        client_id=DESCRIBED["CLIENT"],
        redirect_uri=os.environ.get("KFI_IDENTITY_REDIRECT_URI", CALLBACK),
        passwords={DESCRIBED["LOGIN"]: DESCRIBED["PASSWORD"]},
        client_secrets={DESCRIBED["TOWN_CLIENT"]: DESCRIBED["TOWN_SECRET"]},
    )
    return Contract(DESCRIBED["ISSUER"], DESCRIBED["CLIENT"], DESCRIBED["LOGIN"], DESCRIBED["TOWN_CLIENT"], tokens)


def test_another_provider_is_described_whole_or_not_at_all() -> None:
    missing = [name for name, value in DESCRIBED.items() if not value]
    assert len(missing) in (0, len(NEEDED)), f"set KFI_IDENTITY_{missing[0]} too"


async def test_discovery_names_what_clients_need(contract: Contract) -> None:
    async with httpx2.AsyncClient() as http:
        found = (await http.get(f"{contract.issuer}/.well-known/openid-configuration")).json()
    assert found["issuer"] == contract.issuer
    assert {"authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"} <= set(found)
    assert "S256" in found["code_challenge_methods_supported"]
    assert {"authorization_code", "client_credentials"} <= set(found["grant_types_supported"])


async def test_published_keys_are_public_and_named(contract: Contract) -> None:
    async with httpx2.AsyncClient() as http:
        discovery = (await http.get(f"{contract.issuer}/.well-known/openid-configuration")).json()
        keys = (await http.get(discovery["jwks_uri"])).json()["keys"]
    assert keys
    assert all(key["kid"] and not {"d", "p", "q", "k"} & set(key) for key in keys)


async def test_a_persons_access_token_says_who_and_what_duty(contract: Contract) -> None:
    header, claims = await contract.claims(await contract.tokens.for_person(contract.login))
    assert header["typ"] == "at+jwt"
    assert header["kid"]
    assert claims["iss"] == contract.issuer
    assert "kfi" in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"])
    assert claims["client_id"] == contract.client_id
    assert claims["sub"]
    assert claims["person"]
    assert claims["jti"]
    assert "funding-caseworker" in claims["roles"]


async def test_an_access_token_lives_five_minutes_at_most(contract: Contract) -> None:
    signed_in = await contract.tokens.sign_in(contract.login)
    _, claims = await contract.claims(signed_in.access_token)
    assert claims["exp"] - claims["iat"] == signed_in.expires_in <= 300
    assert abs(claims["iat"] - time.time()) < 10


async def test_an_id_token_is_for_the_client_and_carries_its_nonce(contract: Contract) -> None:
    nonce = str(uuid4())
    signed_in = await contract.tokens.sign_in(contract.login, nonce=nonce)
    _, identity = await contract.claims(signed_in.id_token)
    _, access = await contract.claims(signed_in.access_token)
    assert identity["aud"] in (contract.client_id, [contract.client_id])
    assert identity["nonce"] == nonce
    assert identity["sub"] == access["sub"]


async def test_every_token_is_another_one(contract: Contract) -> None:
    first, second = [await contract.claims(await contract.tokens.for_person(contract.login)) for _ in range(2)]
    assert first[1]["jti"] != second[1]["jti"]
    assert first[1]["sub"] == second[1]["sub"]


async def test_a_town_gets_a_token_in_its_own_name(contract: Contract) -> None:
    header, claims = await contract.claims(await contract.tokens.for_client(contract.town_client))
    assert header["typ"] == "at+jwt"
    assert claims["client_id"] == contract.town_client
    assert "municipality" in claims["roles"]
    assert len(claims["ags"]) == 8
    assert "organisation" not in claims


async def test_a_wrong_client_secret_gets_nothing(contract: Contract) -> None:
    tokens = Tokens(contract.issuer, client_secrets={contract.town_client: "wrong"})
    with pytest.raises(SignInError, match=r"invalid_client|unauthorized_client"):
        await tokens.for_client(contract.town_client)


async def test_an_unknown_person_gets_nothing(contract: Contract) -> None:
    with pytest.raises(SignInError):
        await contract.tokens.for_person("nobody-by-that-name")
