"""Sealed content: a person's particulars travel as a JWE only the addressed service can open.

RFC 7516 compact, ECDH-ES+A256KW on P-256 with A256GCM. Each seal is bound to one id (`apv`, RFC 7518, 4.6.1.3): moved
to another order it does not open. Errors carry a code and never a piece of the content.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

MAX_CONTENT_BYTES: Final = 45_000
_ALGORITHM: Final = "ECDH-ES+A256KW"
_ENCRYPTION: Final = "A256GCM"
_CURVE: Final = "P-256"

_COMPACT_SEGMENTS: Final = 5

Jwk = Mapping[str, Any]


class SealingError(Exception):
    """A seal could not be made or opened; `code` says why, for a dead letter or a metric."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ContentTooLarge(SealingError):
    """The content is larger than MAX_CONTENT_BYTES: refused when ordering, so that no order exists nobody can open."""

    def __init__(self) -> None:
        super().__init__("content_too_large")


class _SealRegistry(jwe.JWERegistry):
    max_ciphertext_length = 131_072  # the library's 64 KiB would refuse at opening what sealing let pass


_REGISTRY = _SealRegistry(algorithms=[_ALGORITHM, _ENCRYPTION])


class Sealer:
    """Seals content for the holder of one private key."""

    def __init__(self, public_jwk: Jwk) -> None:
        self._key = _imported(public_jwk)
        self._kid = _kid_of(self._key)

    @property
    def kid(self) -> str:
        """The name of the key, as the seals carry it."""
        return self._kid

    def seal(self, content: bytes, *, bound_to: str) -> str:
        """A compact JWE of the content, bound to the id. Raises ContentTooLarge above MAX_CONTENT_BYTES."""
        if len(content) > MAX_CONTENT_BYTES:
            raise ContentTooLarge
        header = {"alg": _ALGORITHM, "enc": _ENCRYPTION, "kid": self._kid, "apv": _binding(bound_to)}
        return jwe.encrypt_compact(header, content, self._key, registry=_REGISTRY)


class Opener:
    """Opens seals made for any of its private keys, chosen by `kid`: old keys stay until their last order is opened."""

    def __init__(self, private_jwks: Iterable[Jwk]) -> None:
        keys = [_imported(jwk) for jwk in private_jwks]
        if not all(key.is_private for key in keys):
            raise SealingError("key_is_not_private")
        self._keys = {_kid_of(key): key for key in keys}

    @property
    def kids(self) -> list[str]:
        """The names of the keys whose seals it opens."""
        return sorted(self._keys)

    def open(self, token: str, *, bound_to: str) -> bytes:
        """The content of a seal bound to the id.

        Raises SealingError: `not_a_seal`, `unknown_key`, `bound_elsewhere`, `not_opened`.
        """
        return self._decrypted(token, self._key_for(_protected_header(token), bound_to))

    def _key_for(self, header: Mapping[str, object], bound_to: str) -> ECKey:
        if header.get("alg") != _ALGORITHM or header.get("enc") != _ENCRYPTION or "zip" in header:
            raise SealingError("not_a_seal")
        key = self._keys.get(str(header.get("kid")))
        if key is None:
            raise SealingError("unknown_key")
        given = str(header.get("apv")).encode(errors="surrogatepass")  # a header may hold what UTF-8 cannot
        if not secrets.compare_digest(given, _binding(bound_to).encode()):
            raise SealingError("bound_elsewhere")
        return key

    def _decrypted(self, token: str, key: ECKey) -> bytes:
        try:
            content = jwe.decrypt_compact(token, key, registry=_REGISTRY).plaintext
        except Exception:  # noqa: BLE001 - the library raises many kinds for a forged seal; none may carry content on
            raise SealingError("not_opened") from None
        if content is None:
            raise SealingError("not_opened")
        return content


def kid_of(token: str) -> str | None:
    """The key a seal was made for; None for what is no seal. Only its first segment is looked at."""
    try:
        kid = _header(token.partition(".")[0]).get("kid")
    except SealingError:
        return None
    return kid if isinstance(kid, str) else None


def new_sealing_key(kid: str | None = None) -> dict[str, Any]:
    """A new private key as JWK; its `kid` is the RFC 7638 thumbprint unless one is given."""
    key = ECKey.generate_key(_CURVE, private=True)
    return {**key.as_dict(private=True), "kid": kid or key.thumbprint(), "use": "enc"}


def public_part(private_jwk: Jwk) -> dict[str, Any]:
    """The public JWK of a private one, with the same `kid`."""
    key = _imported(private_jwk)
    return {**key.as_dict(private=False), "kid": _kid_of(key)}


def _protected_header(token: str) -> Mapping[str, object]:
    segments = token.split(".")
    if len(segments) != _COMPACT_SEGMENTS:
        raise SealingError("not_a_seal")
    return _header(segments[0])


def _header(segment: str) -> Mapping[str, object]:
    try:
        header = json.loads(urlsafe_b64decode(segment + "=="))
    except (ValueError, RecursionError):
        raise SealingError("not_a_seal") from None
    if not isinstance(header, dict):
        raise SealingError("not_a_seal")
    return header


def _imported(jwk: Jwk) -> ECKey:
    try:
        key = ECKey.import_key(dict(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise SealingError("key_is_not_readable") from None
    if key.curve_name != _CURVE:
        raise SealingError("key_is_not_p256")
    return key


def _kid_of(key: ECKey) -> str:
    return key.kid or key.thumbprint()


def _binding(bound_to: str) -> str:
    return urlsafe_b64encode(bound_to.encode("utf-8")).rstrip(b"=").decode("ascii")
