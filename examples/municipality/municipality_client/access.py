"""An access token by client credentials (OAuth 2.0, RFC 6749, 4.4), fetched anew shortly before it ends."""

import time
from base64 import b64encode
from collections.abc import Generator
from urllib.parse import quote

import httpx2

EARLY_SECONDS = 30


class Access(httpx2.Auth):
    """Signs every request in."""

    requires_response_body = True

    def __init__(self, token_url: str, client_id: str, secret: str) -> None:
        self._token_url = token_url
        self._basic = b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()
        self._token, self._ends = "", 0.0

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Get a token if there is none, then send the request with it."""
        if time.monotonic() > self._ends:
            answer = yield httpx2.Request(
                "POST",
                self._token_url,
                data={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {self._basic}"},
            )
            answer.raise_for_status()
            told = answer.json()
            self._token, self._ends = told["access_token"], time.monotonic() + told["expires_in"] - EARLY_SECONDS
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
