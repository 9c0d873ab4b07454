"""The gateway as any program may use it: whatever is sent, the answer comes back as it is."""

import json
import re
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kfi_stack.identity.program import signing_key
from kfi_stack.running_platform import Platform

MARKER = "wiederhole-mich-nicht"
"""Planted into what is sent; an answer that holds it echoes its input."""
TOKEN_SECONDS = 120


class Door:
    """Sends raw requests; knows what a problem document must be."""

    def __init__(self, platform: Platform, http: httpx2.AsyncClient) -> None:
        self._platform = platform
        self._http = http
        self._tokens: dict[str, tuple[str, float]] = {}
        self._pages: dict[str, str] = {}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        login: str | None = "applicant",
        token: str | None = None,
        body: object = None,
        raw: bytes | None = None,
        **headers: str,
    ) -> httpx2.Response:
        """One request; `body` goes as JSON, `raw` as it is; header names with underscores for hyphens."""
        if token is None and login is not None:
            token = await self.token(login)
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if method == "POST":
            sent |= {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        return await self._http.request(method, path, headers=sent, content=content)

    def push(self, path: str, token: str, body: bytes) -> httpx2.Response:
        """A POST whose answer may come before the body is through: whoever refuses it closes the connection early.

        RFC 9112, 9.5 has a client look for such an answer; httpx2 does not, so this is the standard library's client.
        """
        connection = HTTPConnection(urlsplit(self._platform.gateway_url).netloc, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with closing(connection):
            with suppress(ConnectionError):
                connection.request("POST", path, body, headers | {"Idempotency-Key": str(uuid4())})
            answer = connection.getresponse()
            return httpx2.Response(answer.status, headers=answer.getheaders(), content=answer.read())

    async def token(self, login: str) -> str:
        """A token of this account that is good for a while."""
        token, until = self._tokens.get(login, ("", 0.0))
        if time.monotonic() > until:
            token = await self._platform.tokens.for_person(login)
            self._tokens[login] = (token, time.monotonic() + TOKEN_SECONDS)
        return token

    async def problem(self, answer: httpx2.Response, status: int, kind: str) -> dict[str, Any]:
        """The problem document of an answer, after checking all that every one must keep (RFC 9457)."""
        document: dict[str, Any] = answer.json()
        assert (answer.status_code, document["type"]) == (status, f"/problems/{kind}"), document
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert document["status"] == status
        assert all(document[member].strip() for member in ("title", "detail", "remedy", "correlation_id"))
        assert all(
            error["field"] is not None and error["reason"] and error["fix"] for error in document.get("errors", [])
        )
        assert MARKER not in answer.text + str(answer.headers)
        assert document["title"] in await self._page(document["type"])
        return document

    def minted(self, typ: str = "at+jwt", *, key: KeySet | None = None, **changes: object) -> str:
        """A token of the applicant as the provider would never write it, signed with the provider's key by default."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "kfi", "sub": "account-105", "person": "person-4", "client_id": "kfi-demo",
            "roles": ["applicant"], "organisation": "organisation-1", "jti": uuid4().hex, "iat": now, "exp": now + 60,
        }  # fmt: skip
        return str(jwt.encode({"alg": "ES256", "typ": typ}, claims | changes, key or self._key()))

    @property
    def issuer(self) -> str:
        """The platform's identity provider."""
        settings = self._platform.services["applications"].environment()
        return settings["KFI_ISSUER"]

    def _key(self) -> KeySet:
        stored = signing_key(self._platform.folder / "identity").read_text("utf-8")
        return KeySet([ECKey.import_key(json.loads(stored))])

    async def _page(self, address: str) -> str:
        """The text of a problem's page, without a token, as a person would open it."""
        if address not in self._pages:
            page = await self._http.get(address)
            assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html"), address
            self._pages[address] = re.sub(r"\s+", " ", page.text)
        return self._pages[address]
