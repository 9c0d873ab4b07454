"""The key pairs orders are sealed with: the public part goes to the services that order, the private one stays here."""

import json
import os
from pathlib import Path

from kfi_chassis.sealing import new_sealing_key, public_part
from kfi_chassis.settings import ConfigurationError


def add_key_pair(private_file: Path, public_file: Path) -> str:
    """Make a key pair and return its `kid`.

    The private key is added to the set in `private_file`, which only its owner can read (mode 600): older keys go on
    opening what was sealed with them. `public_file` then holds the new public key alone. Raises ConfigurationError.
    """
    key = new_sealing_key()
    try:
        _write_private(private_file, {"keys": [*_keys_in(private_file), key]})
        public_file.write_text(_json(public_part(key)), "utf-8")
    except OSError as failure:
        raise ConfigurationError(f"{failure.filename} cannot be written: {failure.strerror}.") from None
    return str(key["kid"])


def drop_key(private_file: Path, kid: str) -> None:
    """Take an old private key out of the set. Raises ConfigurationError for the newest, and for one that is not there.

    The newest one is the last of the set: orders are sealed with it.
    """
    keys = _keys_in(private_file)
    left = [key for key in keys if not (isinstance(key, dict) and key.get("kid") == kid)]
    if len(left) == len(keys) or left[-1:] != keys[-1:]:
        raise ConfigurationError(f"The key {kid} is the newest of {private_file}, or is not there: name an older one.")
    try:
        _write_private(private_file, {"keys": left})
    except OSError as failure:
        raise ConfigurationError(f"{failure.filename} cannot be written: {failure.strerror}.") from None


def kids_in(private_file: Path) -> list[str]:
    """The keys of the set, the newest last. Raises ConfigurationError."""
    return [str(key.get("kid")) for key in _keys_in(private_file) if isinstance(key, dict)]


def _keys_in(path: Path) -> list[object]:
    if not path.exists():
        return []
    try:
        return list(json.loads(path.read_bytes())["keys"])
    except (ValueError, TypeError, KeyError):
        raise ConfigurationError(f"{path} is no JWK set: name another file, or remove it.") from None


def _write_private(path: Path, content: object) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_json(content))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _json(content: object) -> str:
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
