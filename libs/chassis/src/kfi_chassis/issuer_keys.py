"""The public keys of the token issuer, fetched seldom and kept while it is away (RFC 7517)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey, import_key

from kfi_chassis.clock import Clock
from kfi_chassis.problems import Unavailable

Fetch = Callable[[], Awaitable[Mapping[str, Any]]]


class KeyCache:
    """The issuer's public keys by `kid`.

    A known key is used for `fresh_for`, and up to `stale_for` while the issuer cannot be reached. An unknown `kid`
    fetches again, at most once in `pause`: made-up key ids cannot be turned into load on the issuer.
    """

    fresh_for = timedelta(minutes=5)
    stale_for = timedelta(hours=1)
    pause = timedelta(seconds=5)

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> Key | None:
        """The key of this id, None when the issuer has none. Raises Unavailable when no key set can be had."""
        if self._younger_than(self.stale_for) and kid in self._keys:
            self._renew_when_old()
            return self._keys[kid]
        await self._refresh()
        if not self._younger_than(self.stale_for):
            raise Unavailable
        return self._keys.get(kid)

    def _younger_than(self, age: timedelta) -> bool:
        return self._fetched is not None and self._clock.now() - self._fetched < age

    def _renew_when_old(self) -> None:
        idle = self._renewal is None or self._renewal.done()
        if not self._younger_than(self.fresh_for) and idle:
            self._renewal = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        async with self._lock:
            now = self._clock.now()
            if self._tried is not None and now - self._tried < self.pause:
                return
            self._tried = now
            try:
                self._keys = _usable_keys(await self._fetch())
                self._fetched = now
            except (httpx2.HTTPError, ValueError, TimeoutError):
                return


def download(url: str) -> Fetch:
    """Fetches the key set of an address; 3 seconds at most, redirects are not followed."""

    async def fetch() -> Mapping[str, Any]:
        async with httpx2.AsyncClient(timeout=3.0, follow_redirects=False) as client:
            answer = await client.get(url)
        answer.raise_for_status()
        return _json_object(answer.json())

    return fetch


def _json_object(document: object) -> Mapping[str, Any]:
    return document if isinstance(document, dict) else {}


def _usable_keys(key_set: Mapping[str, Any]) -> dict[str, Key]:
    """The signature keys of the set by their id; symmetric, foreign and unreadable ones are left out."""
    listed = key_set.get("keys")
    if not isinstance(listed, list) or not listed:
        raise ValueError("the answer holds no key set")
    keys = {jwk["kid"]: _readable(jwk) for jwk in listed if isinstance(jwk, dict) and _for_signatures(jwk)}
    return {kid: key for kid, key in keys.items() if key is not None}


def _for_signatures(jwk: Mapping[str, Any]) -> bool:
    return isinstance(jwk.get("kid"), str) and jwk.get("kty") in {"EC", "RSA"} and jwk.get("use", "sig") == "sig"


def _readable(jwk: dict[str, Any]) -> Key | None:
    try:
        key = import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, (ECKey, RSAKey)) else None
