"""Who acts: the person or machine behind a request, read from an access token that was checked here again.

The gateway checked the token before; a service trusts nobody's word for it (RFC 9068, 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact

from kfi_chassis.clock import Clock, SystemClock
from kfi_chassis.issuer_keys import Fetch, KeyCache, download
from kfi_chassis.problems import Unauthenticated

LEEWAY: Final = timedelta(seconds=5)
ALGORITHMS: Final = ("ES256", "RS256")  # asymmetric only: a service that checks tokens must not be able to make them
_TOKEN_TYPES: Final = {"at+jwt", "application/at+jwt"}  # RFC 9068, 4
_LONGEST_CLAIM: Final = 200
_REQUIRED_CLAIMS: Final = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")  # RFC 9068, 2.2


@dataclass(frozen=True)
class Principal:
    """Who acts. `subject` is the account, `person` the human behind it: four eyes compares persons."""

    subject: str
    person: str
    roles: frozenset[str]
    organisation: str | None = None
    ags: str | None = None
    name: str | None = field(default=None, repr=False)
    """As the person is called in letters; never a key, and never in logs or audit."""

    def has_any(self, roles: frozenset[str]) -> bool:
        """Whether one of the roles is held; true when none is asked for."""
        return not roles or not roles.isdisjoint(self.roles)


def SYSTEM(service: str) -> Principal:  # noqa: N802 - reads as the constant it is for a given service
    """The service itself, for consumers and workers: it holds no role and is no person's account."""
    name = f"system:{service}"
    return Principal(subject=name, person=name, roles=frozenset())


@dataclass
class TokenVerifier:
    """Checks access tokens of one issuer for one audience (RFC 9068, 4)."""

    issuer: str
    audience: str
    jwks_url: str
    clock: Clock = field(default_factory=SystemClock)
    fetch: Fetch | None = None
    _keys: KeyCache = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._keys = KeyCache(self.fetch or download(self.jwks_url), self.clock)

    async def verify(self, token: str) -> Principal:
        """Who the token speaks for.

        Raises Unauthenticated with a reason code, Unavailable when the issuer's keys cannot be had.
        """
        key = await self._keys.key(_key_id(token))
        if key is None:
            raise Unauthenticated("unknown_key")
        try:
            decoded = jwt.decode(token, key, registry=JWSRegistry(algorithms=ALGORITHMS))
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated("not_valid") from None
        if str(decoded.header.get("typ", "")).lower() not in _TOKEN_TYPES:
            raise Unauthenticated("not_an_access_token")
        self._check(decoded.claims)
        return _principal(decoded.claims)

    def _check(self, claims: Mapping[str, Any]) -> None:
        if any(claims.get(name) in (None, "") for name in _REQUIRED_CLAIMS):
            raise Unauthenticated("claim_missing")
        if claims["iss"] != self.issuer:
            raise Unauthenticated("wrong_issuer")
        audience = claims["aud"]
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("wrong_audience")
        self._check_times(claims)

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self.clock.now().timestamp()
        if _seconds(claims["exp"]) + LEEWAY.total_seconds() <= now:
            raise Unauthenticated("expired")
        begins = max(_seconds(claims["iat"]), _seconds(claims.get("nbf", 0)))
        if begins - LEEWAY.total_seconds() > now:
            raise Unauthenticated("not_yet_valid")


def _key_id(token: str) -> str:
    try:
        header = extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError):
        raise Unauthenticated("not_valid") from None
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("alg") not in ALGORITHMS:
        raise Unauthenticated("not_valid")
    return kid


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unauthenticated("claim_not_valid")
    return float(value)


def _principal(claims: Mapping[str, Any]) -> Principal:
    roles = claims.get("roles", [])
    texts = [
        claims["sub"],
        *(claims[name] for name in ("person", "organisation", "ags", "name") if claims.get(name) is not None),
    ]
    if not isinstance(roles, list) or not all(isinstance(text, str) for text in [*roles, *texts]):
        raise Unauthenticated("claim_not_valid")
    if any(len(text) > _LONGEST_CLAIM or not text.isprintable() for text in texts):
        raise Unauthenticated("claim_not_valid")
    return Principal(
        subject=claims["sub"],
        person=claims.get("person") or claims["sub"],
        roles=frozenset(roles),
        organisation=claims.get("organisation"),
        ags=claims.get("ags"),
        name=claims.get("name"),
    )
