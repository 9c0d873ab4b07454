"""Door 2, webhooks: check the signature (Standard Webhooks), answer at once, work afterwards."""

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

OLDEST_SECONDS = 300


class NotFromThem(ValueError):
    """The request does not come from the authority, or it is too old."""


def checked(headers: Mapping[str, str], body: bytes, keys: list[str], now: float | None = None) -> dict[str, Any]:
    """The event of a request. `keys` are all that may sign at the moment: `whsec_...` (v1) or `whpk_...` (v1a).

    The signature is over the raw body, so it is checked before anything is parsed. Raises NotFromThem.
    """
    try:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        given = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
        age = abs((time.time() if now is None else now) - int(timestamp))
    except (KeyError, ValueError):
        raise NotFromThem("a header is missing or cannot be read") from None
    if age > OLDEST_SECONDS:
        raise NotFromThem("too old")
    signed = f"{message_id}.{timestamp}.".encode() + body
    if not any(_fits(scheme, signature, key, signed) for scheme, _, signature in given for key in keys):
        raise NotFromThem("no signature fits")
    event: dict[str, Any] = json.loads(body)
    return event


def _fits(scheme: str, signature: str, key: str, signed: bytes) -> bool:
    try:
        if scheme == "v1" and key.startswith("whsec_"):
            wanted = hmac.digest(b64decode(key.removeprefix("whsec_")), signed, sha256)
            return hmac.compare_digest(b64encode(wanted).decode(), signature)
        if scheme == "v1a" and key.startswith("whpk_"):
            public = Ed25519PublicKey.from_public_bytes(b64decode(key.removeprefix("whpk_")))
            public.verify(b64decode(signature), signed)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False
