"""The settings of the service: those of every service, and the keys it works with."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kfi_allocation.arrival_files.reading import mappings_in
from kfi_allocation.certificate_keys import keys_in
from kfi_allocation.domain.arrivals.rows import Limits
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.domain.placement_due import OfficeDays
from kfi_allocation.office import OfficeTexts, read_office
from kfi_chassis.sealing import Sealer, SealingError
from kfi_chassis.settings import Profile, ServiceSettings

Days = Annotated[int, Field(ge=1, le=3650)]


class AllocationSettings(ServiceSettings):
    """``sealing_key_file``: the public JWK of the notifications service.

    ``certificate_keys``: the folder that `certificate keys` made; it signs plans and hides what is in their leaves.
    ``solver_seconds`` is a safety stop: a plan it ends is not called reproducible.
    ``feed_days``: how long towns' feeds keep their events.
    ``office_file``: what the office adds to letters; without it they say what is certain in law and nothing else.
    ``arrival_mappings``: a folder with the layouts of lists of arrivals; without it there are the packaged examples.
    ``arrival_file_days``: how long an uploaded list is kept after it was imported.
    ``webhook_seconds``: how long a town's endpoint may take; ``webhooks_inside`` lets http and the machine itself pass.
    ``doorkeeper_key_file``: the public JWK of the doorkeeper; without it there are no doors at the broker.
    ``retention_years`` count from the end of the year in which a placement ended; before, its household's personal data
    is not erased. The days are decisions of the office, not law: how long each may take before it is overdue.
    """

    service: str = "allocation"
    sealing_key_file: Path
    person_keys_file: Path
    certificate_keys: Path
    solver_seconds: Annotated[float, Field(gt=0, le=600)] = 120.0
    solver_lease_seconds: Annotated[float, Field(ge=5, le=600)] = 30.0
    feed_days: Annotated[int, Field(ge=8, le=3650)] = 90
    arrival_mappings: Path | None = None
    arrival_max_bytes: Annotated[int, Field(ge=1024)] = 67_108_864
    arrival_max_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 200_000
    arrival_unpacked_bytes: Annotated[int, Field(ge=1024)] = 419_430_400
    arrival_file_days: Days = 30
    webhook_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0
    webhooks_inside: bool = False
    doorkeeper_key_file: Path | None = None
    retention_years: Annotated[int, Field(ge=1, le=100)] = 10
    office_file: Path | None = None
    planner_days: Days = 7
    signature_days: Days = 7

    @property
    def office(self) -> OfficeTexts:
        """The words of the office. Raises ConfigurationError."""
        return read_office(self.office_file, self.profile)

    @property
    def arrival_limits(self) -> Limits:
        """What is taken of a list of arrivals."""
        return Limits(self.arrival_max_rows, self.arrival_unpacked_bytes)

    @property
    def office_days(self) -> OfficeDays:
        """How long each may take."""
        return OfficeDays(planner=self.planner_days, signatory=self.signature_days)

    @model_validator(mode="after")
    def _files_hold_what_they_must(self) -> Self:
        if not _holds_a_key(self.sealing_key_file):
            raise ValueError("KFI_SEALING_KEY_FILE must name a file with the public JWK of the notifications service")
        if not _holds_certificate_keys(self.certificate_keys):
            raise ValueError("KFI_CERTIFICATE_KEYS must name a folder that `kfi-allocation certificate keys` made")
        self._mappings_must_be_right()
        if self.webhooks_inside and self.profile is Profile.PRODUCTION:
            raise ValueError("KFI_WEBHOOKS_INSIDE must not be set in production: webhooks go to public addresses alone")
        if self.doorkeeper_key_file is not None and not _holds_a_key(self.doorkeeper_key_file):
            raise ValueError("KFI_DOORKEEPER_KEY_FILE must name a file with the public JWK of the doorkeeper")
        _ = self.key_ring, self.office
        return self

    def _mappings_must_be_right(self) -> None:
        try:
            mappings_in(self.arrival_mappings)
        except (OSError, DocumentNotReadable) as error:
            raise ValueError(f"KFI_ARRIVAL_MAPPINGS must name a folder with mappings of lists: {error}") from None


@cache
def sealer_of(key_file: Path) -> Sealer:
    """What seals letters for the notifications service; read once per process."""
    return Sealer(json.loads(key_file.read_text(encoding="utf-8")))


def _holds_certificate_keys(folder: Path) -> bool:
    try:
        keys_in(folder)
    except (OSError, ValueError):
        return False
    return True


def _holds_a_key(path: Path) -> bool:
    try:
        sealer_of(path)
    except (OSError, ValueError, SealingError):
        return False
    return True
