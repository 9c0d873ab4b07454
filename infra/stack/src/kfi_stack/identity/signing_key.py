"""The provider's signing key, kept on disk so that a restart does not make every token foreign."""

import json
import os
from contextlib import suppress
from pathlib import Path

from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"


def load_or_create(file: Path) -> KeySet:
    """The ES256 key of this file; written (owner may read, nobody else) when there is none yet.

    Written beside and linked into place: two providers starting at once end up with the same key.
    """
    if not file.exists():
        _create(file)
    return KeySet([ECKey.import_key(json.loads(file.read_text("ascii")))])


def public_keys(keys: KeySet) -> dict[str, object]:
    """The JWKS document: public halves only (RFC 7517)."""
    return {"keys": [key.as_dict(private=False) for key in keys.keys]}


def _create(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(key.as_dict(private=True), out)
    with suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()
