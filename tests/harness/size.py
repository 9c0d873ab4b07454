"""How much a test of the promises does: the short form in `make test`, the nightly one by `make test-resilience`."""

import os
from typing import Final, TypeVar

T = TypeVar("T")
SIZES: Final = ("short", "nightly")


def size(*, short: T, nightly: T) -> T:
    """What `KFI_SIZE` asks for; without it the short form. Raises ValueError on any other word."""
    wanted = os.environ.get("KFI_SIZE", "short")
    if wanted not in SIZES:
        raise ValueError(f"KFI_SIZE is {wanted!r}; say one of {', '.join(SIZES)}.")
    return nightly if wanted == "nightly" else short
