"""Signatures of webhooks by Standard Webhooks (https://www.standardwebhooks.com): `v1` and `v1a`.

`v1` is HMAC-SHA256 with a secret both sides hold (`whsec_...`); `v1a` is Ed25519 (RFC 8032), of which the town holds
only the public key (`whpk_...`). Signed is `id.timestamp.body`; while keys are changed a request bears several
signatures.
"""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SECRET: Final = "whsec_"  # noqa: S105 - the prefix the standard gives a secret
_PUBLIC: Final = "whpk_"
_SECRET_BYTES: Final = 32


class Scheme(StrEnum):
    """How requests to an endpoint are signed."""

    HMAC = "v1"
    ED25519 = "v1a"


@dataclass(frozen=True, repr=False)
class SigningKey:
    """What signs the requests to one endpoint: 32 random bytes."""

    scheme: Scheme
    secret: bytes

    @classmethod
    def new(cls, scheme: Scheme) -> "SigningKey":
        """A new random key."""
        return cls(scheme, secrets.token_bytes(_SECRET_BYTES))

    @property
    def told(self) -> str:
        """What the town is told: the shared secret, or the public key."""
        if self.scheme is Scheme.HMAC:
            return _SECRET + b64encode(self.secret).decode()
        public = Ed25519PrivateKey.from_private_bytes(self.secret).public_key()
        return _PUBLIC + b64encode(public.public_bytes_raw()).decode()

    def sign(self, signed: bytes) -> str:
        """One signature, with the name of its scheme."""
        if self.scheme is Scheme.HMAC:
            signature = hmac.digest(self.secret, signed, sha256)
        else:
            signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(signed)
        return f"{self.scheme},{b64encode(signature).decode()}"


def signed_headers(message_id: str, at: datetime, body: bytes, keys: Iterable[SigningKey]) -> dict[str, str]:
    """The three headers of a request; its signatures in the order of the keys."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(key.sign(signed) for key in keys),
    }
