"""A person of the demo at the gateway: signs in like anybody, sends what a browser would send, reads problems."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx2

from kfi_stack.errors import StackError
from kfi_stack.identity.tokens import Tokens

Json = dict[str, Any]
RENEW_AFTER_SECONDS = 120
"""Well under the five minutes a demo token lives."""
PATIENCE_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.05


class Refused(StackError):
    """The platform answered with a problem (RFC 9457); `problem` is its document."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(
            f"{status} {problem.get('title')}: {problem.get('detail')} {problem.get('errors', '')}".strip()
        )
        self.status = status
        self.problem = problem

    @property
    def kind(self) -> str:
        """The last part of the problem's type, e.g. `version-mismatch`."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


@dataclass(frozen=True)
class Answer:
    """A successful answer: its document, its version for If-Match, how long it took in seconds."""

    document: Json
    etag: str
    seconds: float


class Person:
    """One account; a token is fetched when needed and renewed before it expires."""

    def __init__(self, login: str, gateway: str, tokens: Tokens) -> None:
        self.login = login
        self._tokens = tokens
        self._http = httpx2.AsyncClient(base_url=gateway, timeout=20)
        self._token = ""
        self._renew_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Answer:
        """Reads a resource. Raises Refused."""
        return await self._send("GET", path)

    async def until(self, path: str, arrived: Callable[[Json], bool]) -> Answer:
        """Reads a resource until it is there and as expected. Raises StackError after 30 s, Refused."""
        deadline = monotonic() + PATIENCE_SECONDS
        while (answer := await self._there(path)) is None or not arrived(answer.document):
            if monotonic() > deadline:
                raise StackError(f"{path} did not become what was expected within {PATIENCE_SECONDS:.0f} s.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return answer

    async def _there(self, path: str) -> Answer | None:
        try:
            return await self.get(path)
        except Refused as problem:
            if problem.kind != "not-found":
                raise
            return None

    async def fetch(self, path: str) -> bytes:
        """Reads a file. Raises Refused."""
        answer = await self._request("GET", path, {}, None)
        return answer.content

    async def create(self, path: str, body: Json, *, key: str | None = None) -> Answer:
        """Creates a resource; the same `key` again answers with the same resource. Raises Refused."""
        return await self._send("POST", path, {"Idempotency-Key": key or str(uuid.uuid4())}, body)

    async def act(self, path: str, seen: str, body: Json | None = None) -> Answer:
        """Acts on the version seen (If-Match). Raises Refused."""
        return await self._send("POST", path, {"If-Match": seen}, body or {})

    async def take(self, path: str, seen: str) -> bytes:
        """Acts on the version seen and reads the file that is the answer. Raises Refused."""
        answer = await self._request("POST", path, {"If-Match": seen}, {})
        return bytes(answer.content)

    async def send_for_file(self, path: str, body: Json) -> bytes:
        """Sends facts; the answer is a file made of them. Raises Refused."""
        return bytes((await self._request("POST", path, {}, body)).content)

    async def send_file(self, path: str, name: str, media_type: str, content: bytes) -> Answer:
        """Uploads a file as it is. Raises Refused."""
        headers = {
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": media_type,
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        start = monotonic()
        answer = await self._request("POST", path, headers, content)
        return Answer(answer.json(), answer.headers.get("ETag", ""), monotonic() - start)

    async def _signed_in(self) -> str:
        return await self._tokens.for_person(self.login)

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Json | None = None
    ) -> Answer:
        start = monotonic()
        answer = await self._request(method, path, headers or {}, body)
        seconds = monotonic() - start
        return Answer(answer.json(), answer.headers.get("ETag", ""), seconds)

    async def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: Json | bytes | None
    ) -> httpx2.Response:
        if monotonic() > self._renew_at:
            self._token = await self._signed_in()
            self._renew_at = monotonic() + RENEW_AFTER_SECONDS
        sent = {"Authorization": f"Bearer {self._token}", **headers}
        document, file = (None, body) if isinstance(body, bytes) else (body, None)
        answer = await self._http.request(method, path, headers=sent, json=document, content=file)
        if answer.is_success:
            return answer
        raise Refused(answer.status_code, _problem(answer))


class Program(Person):
    """A town's own software, signed in with the key of the town (client credentials)."""

    async def told(self, feed: str) -> list[Json]:
        """All that the feed at this address tells, from its oldest event on. Raises Refused."""
        found: list[Json] = []
        address = f"{feed}?limit=500"
        while True:
            answer = await self._request("GET", address, {}, None)
            if not (page := answer.json()):
                return found
            found += page
            address = f"{feed}?limit=500&after={answer.headers['Feed-Cursor']}"

    async def _signed_in(self) -> str:
        return await self._tokens.for_client(self.login)


def _problem(answer: httpx2.Response) -> Json:
    try:
        document: Json = answer.json()
    except ValueError:
        return {"title": "no problem document", "detail": answer.headers.get("content-type", "")}
    return document
