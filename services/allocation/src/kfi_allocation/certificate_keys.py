"""The keys of certificates: what signs them, and the secret of the salts that hide what is in their leaves."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNING_KEY: Final = "signing.key"
SALTS_KEY: Final = "salts.key"
_BYTES: Final = 32


@dataclass(frozen=True)
class CertificateKeys:
    """The key that signs and the secret of the salts, from the folder that `certificate keys` makes."""

    signing: Ed25519PrivateKey
    salts: bytes

    @classmethod
    def read(cls, folder: Path) -> "CertificateKeys":
        """The keys in a folder. Raises OSError, ValueError."""
        signing, salts = (bytes.fromhex((folder / name).read_text("ascii")) for name in (SIGNING_KEY, SALTS_KEY))
        if len(salts) != _BYTES:
            raise ValueError(f"{SALTS_KEY} must hold {_BYTES} bytes in hexadecimal digits")
        return cls(Ed25519PrivateKey.from_private_bytes(signing), salts)

    @property
    def public_key(self) -> str:
        """What checks a signature, in hexadecimal digits."""
        return self.signing.public_key().public_bytes_raw().hex()


@cache
def keys_in(folder: Path) -> CertificateKeys:
    """The keys of this process, read once."""
    return CertificateKeys.read(folder)
