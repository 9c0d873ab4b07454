"""Tokens for the demo and for tests, got as any client gets them: by discovery and the provider's own flows."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from kfi_stack.identity.directory import Directory
from kfi_stack.identity.login_form import LoginForm
from kfi_stack.ports import LOOPBACK

CALLBACK = "http://127.0.0.1/callback"


class SignInError(Exception):
    """The provider gave no token; the message is its error code, never a token or a password."""


@dataclass(frozen=True)
class SignedIn:
    """What one sign-in brought. `expires_in` in seconds."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in: int


class Tokens:
    """Gets a fresh token at every call.

    `passwords` (by login) and `secrets_of_clients` (by client id) are for another provider than the demo's own.
    """

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str = "kfi-demo",
        redirect_uri: str = CALLBACK,
        passwords: Mapping[str, str] | None = None,
        client_secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._issuer, self._client_id, self._redirect_uri = issuer, client_id, redirect_uri
        self._passwords = passwords or {}
        self._client_secrets = _demo_secrets() if client_secrets is None else client_secrets

    async def for_person(self, login: str) -> str:
        """The access token of this person. Raises SignInError."""
        return (await self.sign_in(login)).access_token

    async def for_client(self, client_id: str) -> str:
        """An access token in the client's own name (client credentials). Raises SignInError."""
        async with httpx2.AsyncClient() as http:
            endpoints = await self._endpoints(http)
            answer = await http.post(
                endpoints["token_endpoint"],
                data={"grant_type": "client_credentials"},
                auth=(client_id, self._client_secrets.get(client_id, "")),
            )
        return str(_accepted(answer)["access_token"])

    async def sign_in(self, login: str, *, nonce: str | None = None) -> SignedIn:
        """Walk the authorization code flow with PKCE through the login page. Raises SignInError."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        async with httpx2.AsyncClient(cookies=self._cookies()) as http:
            endpoints = await self._endpoints(http)
            page = await http.get(
                endpoints["authorization_endpoint"], params=self._authorization(verifier, state, nonce)
            )
            code = _code(await self._log_in(http, page, login), state)
            answer = await http.post(endpoints["token_endpoint"], data=self._redemption(code, verifier))
        token = _accepted(answer)
        return SignedIn(str(token["access_token"]), str(token["id_token"]), int(str(token["expires_in"])))

    def _cookies(self) -> CookieJar:
        """Secure cookies go to a loopback address without TLS too, as browsers do (Secure Contexts, 3.1)."""
        loopback = urlsplit(self._issuer).hostname == LOOPBACK
        return CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http") if loopback else ("https",)))

    async def _endpoints(self, http: httpx2.AsyncClient) -> dict[str, str]:
        answer = await http.get(f"{self._issuer}/.well-known/openid-configuration")
        answer.raise_for_status()
        found: dict[str, str] = answer.json()
        if found["issuer"] != self._issuer:
            raise SignInError("issuer_mismatch")
        return found

    async def _log_in(self, http: httpx2.AsyncClient, page: httpx2.Response, login: str) -> httpx2.Response:
        if page.status_code != httpx2.codes.OK:
            return page
        form = LoginForm.on(page.text)
        fields = form.filled(login, self._passwords.get(login))
        return await http.post(urljoin(str(page.url), form.action), data=fields)

    def _authorization(self, verifier: str, state: str, nonce: str | None) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid profile",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return asked | ({"nonce": nonce} if nonce else {})

    def _redemption(self, code: str, verifier: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "code": code,
            "code_verifier": verifier,
        }


def _demo_secrets() -> dict[str, str]:
    clients = Directory.from_file().clients
    return {client.client_id: client.client_secret for client in clients if client.client_secret}


def _code(answer: httpx2.Response, state: str) -> str:
    came_back = {
        name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("location", "")).query).items()
    }
    if "code" not in came_back or came_back.get("state") != state:
        raise SignInError(came_back.get("error", "login_refused"))
    return came_back["code"]


def _accepted(answer: httpx2.Response) -> dict[str, object]:
    if answer.status_code != httpx2.codes.OK:
        raise SignInError(str(answer.json().get("error", answer.status_code)))
    token: dict[str, object] = answer.json()
    return token
