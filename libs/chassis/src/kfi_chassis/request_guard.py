"""What a request must be before any code of a service sees it: small, JSON, and text a database can store.

Refused here, so that no route can forget it: bodies over the limit (413), other media types (415), broken, ambiguous or
deeply nested JSON (400), too many values (413), NUL characters and lone surrogates (422). Left alone are the bodies of
routes that say that they take bytes (`byte_body`).
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kfi_chassis.problems import (
    BadRequest,
    BodyTooLarge,
    FieldError,
    InvalidInput,
    NotJson,
    NotTheRightMediaType,
)

PARSED_BODY: Final = "kfi.parsed_body"
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 20_000
DROP_BYTES: Final = 64 * 1_048_576
DROP_SECONDS: Final = 5.0
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

_Place = tuple[Any, str | int] | None  # the way from the root, the last step first: built into a pointer only when told


class RequestGuard:
    """Reads the whole body within the limit, checks it and hands it on."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, of_bytes: Sequence[tuple[str, "re.Pattern[str]"]] = ()
    ) -> None:
        self._app = app
        self._limit = max_body_bytes
        self._of_bytes = of_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise a Problem before anything is started."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _refuse_nul_in_address(scope)
        if any(method == scope["method"] and address.match(scope["path"]) for method, address in self._of_bytes):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = await self._body(headers, receive)
        if body:
            _require_json(headers)
            scope[PARSED_BODY] = parsed(body)
        await self._app(scope, _replay(body, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        if declared_length(headers) > self._limit:
            raise BodyTooLarge(headers=await dropped_rest(receive))
        chunks, more = bytearray(), True
        while more:
            content, more = await next_part(receive)
            chunks += content
            if len(chunks) > self._limit:
                raise BodyTooLarge(headers=await dropped_rest(receive) if more else {})
        return bytes(chunks)


def declared_length(headers: Headers) -> int:
    """The length of the body as the client declares it, 0 when it does not. Raises BadRequest."""
    declared = headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit():
        raise BadRequest
    return int(declared)


async def next_part(receive: Receive) -> tuple[bytes, bool]:
    """The next part of a body, and whether more comes. Raises BadRequest when the client went."""
    message = await receive()
    if message["type"] != "http.request":
        raise BadRequest  # the client is gone: half a body must never pass for a whole one
    return message.get("body", b""), message.get("more_body", False)


async def dropped_rest(receive: Receive) -> dict[str, str]:
    """Drop the rest of a body within limits; headers of the answer.

    A client that is cut off while it sends gets a reset and never reads why; so it may finish. One that goes on and on
    is cut off all the same.
    """
    dropped, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(DROP_SECONDS):
            while more and dropped < DROP_BYTES:
                content, more = await next_part(receive)
                dropped += len(content)
    return {"Connection": "close"} if more else {}


def parsed(body: bytes) -> Any:
    """The JSON value of a body. Raises NotJson, BodyTooLarge, InvalidInput."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError):
        raise NotJson from None
    _refuse_bad_text(value)
    return value


def canonical_request_body(scope: Scope) -> bytes:
    """The body with its members in one order and no space between them, so that two spellings are the same request."""
    return json.dumps(scope.get(PARSED_BODY), sort_keys=True, separators=(",", ":")).encode()


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _require_json(headers: Headers) -> None:
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != "application/json" or parameters.replace(" ", "") not in {"", "charset=utf-8"}:
        raise NotTheRightMediaType
    if headers.get("content-encoding", "identity") != "identity":
        raise NotTheRightMediaType


def _refuse_nul_in_address(scope: Scope) -> None:
    for where, text in (("path", scope["path"].encode()), ("query", scope.get("query_string", b""))):
        if b"\x00" in text or b"%00" in text:
            raise InvalidInput(errors=[FieldError(where, "nul_character", "Remove the character U+0000.")])


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError("a number no reader can hold")
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key twice in one object is read differently by different readers")
    return members


def _refuse_bad_text(value: Any) -> None:
    for count, (place, text) in enumerate(_texts(value)):
        if count >= MAX_VALUES:
            raise BodyTooLarge
        if "\x00" in text:
            raise InvalidInput(errors=[FieldError(_pointer(place), "nul_character", "Remove the character U+0000.")])
        if not _is_unicode(text):
            raise InvalidInput(errors=[FieldError(_pointer(place), "lone_surrogate", "Send well formed Unicode text.")])


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _texts(value: Any) -> Iterator[tuple[_Place, str]]:
    """Every key and value of the document with its place; what is no text counts as an empty one."""
    waiting: list[tuple[_Place, Any, int]] = [(None, value, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise NotJson
        yield place, item if isinstance(item, str) else ""
        if isinstance(item, dict):
            yield from ((place, key) for key in item)
            waiting.extend(((place, key), member, depth + 1) for key, member in item.items())
        elif isinstance(item, list):
            waiting.extend(((place, index), member, depth + 1) for index, member in enumerate(item))


def _pointer(place: _Place) -> str:
    segments: list[str] = []
    while place is not None:
        place, segment = place
        segments.append(shown(segment))
    return "".join(f"/{segment}" for segment in reversed(segments))


def shown(segment: str | int) -> str:
    """A step of a pointer; a key that is no plain name may be somebody's content and is shown as `*`."""
    return str(segment) if isinstance(segment, int) or _PLAIN_NAME.fullmatch(segment) else "*"
