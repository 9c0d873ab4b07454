"""Only an access token of our issuer, for us, in time, signed with a key of the issuer, says who acts (RFC 9068)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from kfi_chassis.clock import FixedClock
from kfi_chassis.identity import SYSTEM, TokenVerifier
from kfi_chassis.problems import Unauthenticated, Unavailable

ISSUER = "http://127.0.0.1:9000"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
STRANGER = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
SHARED = OctKey.generate_key(256, {"kid": "shared"})


class Issuer:
    """Publishes keys, counts who asks, and can be away."""

    def __init__(self) -> None:
        self.keys: list[Mapping[str, Any]] = [key.as_dict(private=False) for key in (EC, RSA)]
        self.asked = 0
        self.away = False

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.away:
            raise httpx2.ConnectError("away")
        return {"keys": self.keys}


class Setting:
    def __init__(self) -> None:
        self.issuer = Issuer()
        self.clock = FixedClock(START)
        self.verifier = TokenVerifier(ISSUER, "kfi", f"{ISSUER}/jwks", clock=self.clock, fetch=self.issuer.fetch)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": "kfi",
            "sub": "account-7",
            "person": "person-3",
            "roles": ["funding-signatory"],
            "organisation": "verein-1",
            "ags": "05315000",
            "client_id": "workbench",
            "iat": now,
            "exp": now + 300,
            "jti": "1",
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def token(self, key: Any = EC, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        given = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
        return jwt.encode(given, self.claims(**claims), key, algorithms=[given["alg"]], default_type=None)

    async def refusal(self, token: str) -> str:
        with pytest.raises(Unauthenticated) as refused:
            await self.verifier.verify(token)
        return refused.value.errors[0].reason


@pytest.fixture
def setting() -> Setting:
    return Setting()


async def test_a_token_says_who_acts(setting: Setting) -> None:
    principal = await setting.verifier.verify(setting.token())
    assert (principal.subject, principal.person) == ("account-7", "person-3")
    assert principal.roles == {"funding-signatory"}
    assert (principal.organisation, principal.ags) == ("verein-1", "05315000")


async def test_without_a_person_the_account_stands_for_itself(setting: Setting) -> None:
    principal = await setting.verifier.verify(setting.token(person=None, roles=None, organisation=None, ags=None))
    assert (principal.person, principal.roles, principal.organisation) == ("account-7", frozenset(), None)


async def test_rsa_signatures_are_taken_too(setting: Setting) -> None:
    assert await setting.verifier.verify(setting.token(RSA, {"alg": "RS256"}))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "id+jwt", "", "at+jwt2"])
async def test_any_other_kind_of_token_is_refused(setting: Setting, kind: str) -> None:
    assert await setting.refusal(setting.token(header={"typ": kind})) == "not_an_access_token"


async def test_a_token_signed_by_a_stranger_is_refused(setting: Setting) -> None:
    assert await setting.refusal(setting.token(STRANGER)) == "not_valid"


async def test_a_shared_secret_makes_no_token_even_when_published(setting: Setting) -> None:
    setting.issuer.keys = [*setting.issuer.keys, SHARED.as_dict()]
    assert await setting.refusal(setting.token(SHARED, {"alg": "HS256"})) == "not_valid"


async def test_the_algorithm_of_the_header_must_fit_the_key(setting: Setting) -> None:
    assert await setting.refusal(setting.token(RSA, {"alg": "RS256", "kid": "ec"})) == "not_valid"


@pytest.mark.parametrize(
    "token", ["", "a", "a.b.c", "a.b", "ä.b.c", "e30.e30.", "eyJhbGciOiJub25lIiwia2lkIjoiZWMifQ.e30."]
)
async def test_what_is_no_token_is_refused(setting: Setting, token: str) -> None:
    assert await setting.refusal(token) == "not_valid"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "http://elsewhere"}, "wrong_issuer"),
        ({"aud": "other"}, "wrong_audience"),
        ({"aud": ["other"]}, "wrong_audience"),
        ({"exp": None}, "claim_missing"),
        ({"sub": ""}, "claim_missing"),
        ({"client_id": None}, "claim_missing"),
        ({"exp": "tomorrow"}, "claim_not_valid"),
        ({"exp": True}, "claim_not_valid"),
        ({"roles": "operator"}, "claim_not_valid"),
        ({"roles": [1]}, "claim_not_valid"),
        ({"ags": 5}, "claim_not_valid"),
        ({"name": "two\nlines"}, "claim_not_valid"),
        ({"name": "x" * 201}, "claim_not_valid"),
        ({"sub": {"a": 1}}, "claim_not_valid"),
        ({"nbf": START.timestamp() + 60}, "not_yet_valid"),
        ({"iat": START.timestamp() + 60}, "not_yet_valid"),
    ],
)
async def test_a_claim_that_does_not_fit_is_refused(setting: Setting, claims: dict[str, Any], reason: str) -> None:
    assert await setting.refusal(setting.token(**claims)) == reason


async def test_one_of_several_audiences_is_enough(setting: Setting) -> None:
    assert await setting.verifier.verify(setting.token(aud=["other", "kfi"]))


async def test_an_expired_token_passes_for_five_seconds_and_no_longer(setting: Setting) -> None:
    token = setting.token()
    setting.clock.advance(timedelta(seconds=304))
    assert await setting.verifier.verify(token)
    setting.clock.advance(timedelta(seconds=1))
    assert await setting.refusal(token) == "expired"


async def test_keys_are_fetched_once_for_many_tokens(setting: Setting) -> None:
    for _ in range(5):
        await setting.verifier.verify(setting.token())
    assert setting.issuer.asked == 1


async def test_made_up_key_ids_cannot_be_turned_into_load_on_the_issuer(setting: Setting) -> None:
    await setting.verifier.verify(setting.token())
    for number in range(20):
        assert await setting.refusal(setting.token(header={"kid": f"made-up-{number}"})) == "unknown_key"
    assert setting.issuer.asked == 1


async def test_a_new_key_of_the_issuer_is_found_after_a_few_seconds(setting: Setting) -> None:
    await setting.verifier.verify(setting.token())
    new = ECKey.generate_key("P-256", {"kid": "new"})
    setting.issuer.keys = [new.as_dict(private=False)]
    setting.clock.advance(timedelta(seconds=6))
    assert await setting.verifier.verify(setting.token(new))


async def test_known_keys_serve_while_the_issuer_is_away_but_not_for_ever(setting: Setting) -> None:
    await setting.verifier.verify(setting.token())
    setting.issuer.away = True
    setting.clock.advance(timedelta(minutes=59))
    assert await setting.verifier.verify(setting.token())
    setting.clock.advance(timedelta(minutes=2))
    with pytest.raises(Unavailable):
        await setting.verifier.verify(setting.token())


async def test_without_any_key_the_answer_is_unavailable_and_not_a_refusal(setting: Setting) -> None:
    setting.issuer.away = True
    with pytest.raises(Unavailable):
        await setting.verifier.verify(setting.token())


def test_the_service_itself_holds_no_role() -> None:
    assert SYSTEM("demo").roles == frozenset()
