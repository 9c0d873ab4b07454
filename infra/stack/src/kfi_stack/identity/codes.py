"""Authorization codes: for public clients, with PKCE S256, redeemed once within a minute, kept in memory only."""

import time
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from kfi_stack.identity.directory import Account, Client
from kfi_stack.identity.requests import ProviderRequest

CODE_SECONDS = 60


@dataclass(frozen=True)
class Code:
    """What a code stands for. The method names are Authlib's."""

    account: Account
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    signed_in_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def expired(self) -> bool:
        """Whether its minute is over."""
        return time.time() > self.signed_in_at + CODE_SECONDS

    def get_redirect_uri(self) -> str:
        """Where the code was sent; the token request must name the same address."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was allowed."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Comes back in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person signed in, seconds since 1970."""
        return self.signed_in_at

    def get_acr(self) -> None:
        """No statement on how well the person was checked: it was not."""

    def get_amr(self) -> None:
        """No statement on the means: there was none."""


class Codes(dict[str, Code]):
    """The codes not yet redeemed."""

    def forget_expired(self) -> None:
        """Drop those whose minute is over, so that unused ones do not pile up."""
        for value in [value for value, code in self.items() if code.expired]:
            del self[value]


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """Hands out codes and takes them back; one presentation uses a code up, also when it is refused."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: ProviderRequest) -> None:
        """Keep what the code stands for."""
        asked, client = request.payload.data, request.client
        self.server.codes.forget_expired()
        self.server.codes[code] = Code(
            account=request.user,
            client_id=client.client_id,
            redirect_uri=asked.get("redirect_uri") or client.get_default_redirect_uri(),
            scope=request.scope,
            nonce=asked.get("nonce"),
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """What the code stands for, if it is this client's and in time; gone from now on (RFC 6749, 4.1.2)."""
        kept: Code | None = self.server.codes.pop(code, None)
        if kept is None or kept.expired or kept.client_id != client.client_id:
            return None
        return kept

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Gone already since it was asked for."""

    def authenticate_user(self, authorization_code: Code) -> Account:
        """Who signed in for this code."""
        return authorization_code.account


class OnlyS256(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """Every code needs a challenge, and only by S256 (RFC 7636; RFC 9700, 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuses a request without a challenge, or without its method, which by RFC 7636 would mean `plain`."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or not asked.get("code_challenge_method"):
            raise InvalidRequestError("PKCE is needed: code_challenge and code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)
