"""What the provider's tokens say."""

import secrets

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet

from kfi_stack.identity.directory import Account, Client
from kfi_stack.identity.requests import ProviderRequest
from kfi_stack.identity.signing_key import ALGORITHM

AUDIENCE = "kfi"


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib has no types
    """Access tokens of RFC 9068 (`typ` at+jwt) with the platform's claims, valid for `seconds`."""

    def __init__(self, issuer: str, keys: KeySet, seconds: int) -> None:
        super().__init__(issuer, alg=ALGORITHM, expires_generator=seconds)
        self._keys = keys

    def get_jwks(self) -> KeySet:
        """As a set, so that the token's header names the key."""
        return self._keys

    def get_audiences(self, _client: Client, _user: Account | None, _scope: str) -> str:
        """The platform, whoever asks."""
        return AUDIENCE

    def get_jti(self, _client: Client, _grant_type: str, _user: Account | None, _scope: str) -> str:
        """128 random bits."""
        return secrets.token_hex(16)

    def get_extra_claims(
        self, client: Client, _grant_type: str, user: Account | None, _scope: str
    ) -> dict[str, object]:
        """Person, roles, organisation and town."""
        return (user or client).claims()


class IdTokens(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    """ID tokens for clients that asked for `openid`: who signed in, no duty and no right."""

    def __init__(self, issuer: str, keys: KeySet, seconds: int) -> None:
        super().__init__(require_nonce=False)
        self._issuer, self._keys, self.DEFAULT_EXPIRES_IN = issuer, keys, seconds

    def resolve_client_private_key(self, _client: Client) -> KeySet:
        """The provider's key, whichever the client."""
        return self._keys

    def get_client_claims(self, client: Client) -> dict[str, object]:
        """Issuer and audience; the times and the nonce are Authlib's to add."""
        return {"iss": self._issuer, "aud": client.client_id}

    def exists_nonce(self, _nonce: str, _request: ProviderRequest) -> bool:
        """No: a nonce binds a token to the client's own sign-in, and the client checks it."""
        return False

    def generate_user_info(self, user: Account, scope: str) -> dict[str, str]:
        """The subject; name and login for those who asked for `profile`."""
        profile = {"name": user.name, "preferred_username": user.login} if "profile" in scope.split() else {}
        return {"sub": user.sub} | profile
