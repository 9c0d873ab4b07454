"""The settings of the service: those of every service, and the keys it works with."""

import json
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import model_validator

from kfi_chassis.sealing import Sealer, SealingError
from kfi_chassis.settings import ServiceSettings


class AllocationSettings(ServiceSettings):
    """``sealing_key_file``: the public JWK of the notifications service."""

    service: str = "allocation"
    sealing_key_file: Path
    person_keys_file: Path

    @model_validator(mode="after")
    def _files_hold_what_they_must(self) -> Self:
        if not _holds_a_key(self.sealing_key_file):
            raise ValueError("KFI_SEALING_KEY_FILE must name a file with the public JWK of the notifications service")
        _ = self.key_ring
        return self


@cache
def sealer_of(key_file: Path) -> Sealer:
    """What seals letters for the notifications service; read once per process."""
    return Sealer(json.loads(key_file.read_text(encoding="utf-8")))


def _holds_a_key(path: Path) -> bool:
    try:
        sealer_of(path)
    except (OSError, ValueError, SealingError):
        return False
    return True
