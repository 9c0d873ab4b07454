"""The demo provider's rules, on Authlib: code with PKCE S256, client credentials, end of session.

There is no session: every sign-in asks anew, and a restart loses nothing but the codes of the last minute.
"""

from collections.abc import Iterable

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from joserfc.jwk import KeySet
from starlette.responses import JSONResponse, Response

from kfi_stack.identity.claims import AccessTokens, IdTokens
from kfi_stack.identity.codes import CodeGrant, Codes, OnlyS256
from kfi_stack.identity.directory import Client, Directory
from kfi_stack.identity.requests import ProviderRequest
from kfi_stack.identity.signing_key import ALGORITHM


class DemoProvider(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Issues tokens for the people and clients of one directory."""

    def __init__(self, issuer: str, directory: Directory, keys: KeySet, *, token_seconds: int) -> None:
        super().__init__()
        self.issuer, self.directory, self.keys = issuer, directory, keys
        self.codes = Codes()
        self.register_token_generator("default", AccessTokens(issuer, keys, token_seconds))
        self.register_grant(CodeGrant, [OnlyS256(), IdTokens(issuer, keys, token_seconds)])
        self.register_grant(ClientCredentialsGrant)
        self.register_endpoint(EndSession(self))

    def discovery(self) -> dict[str, object]:
        """The discovery document (OpenID Connect Discovery 1.0, 3; RFC 8414)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end-session",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": ["openid", "profile", "kfi"],
        }

    def query_client(self, client_id: str) -> Client | None:
        """The client with this id, if there is one."""
        return self.directory.client(client_id)

    def save_token(self, token: object, request: object) -> None:
        """Tokens are not kept: they carry their own proof and end by themselves."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens to Authlib's signals."""

    def create_oauth2_request(self, request: ProviderRequest) -> ProviderRequest:
        """The application hands over requests in Authlib's form already."""
        return request

    def handle_response(self, status: int, body: object, headers: Iterable[tuple[str, str]]) -> Response:
        """Authlib's answer as Starlette's."""
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(str(body), status, dict(headers))


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Sends a person who signed out back to a registered address (OpenID Connect RP-Initiated Logout 1.0)."""

    def get_server_jwks(self) -> KeySet:
        """The key that must have signed the ID token shown."""
        keys: KeySet = self.server.keys
        return keys

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """There is no session to end at the provider; the client has ended its own."""
