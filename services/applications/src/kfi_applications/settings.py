"""The settings of the service: those of every service, and the key letters are sealed with."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kfi_applications.domain.due_dates import OfficePeriods
from kfi_applications.files.scanner import Scanner
from kfi_chassis.sealing import Sealer, SealingError
from kfi_chassis.settings import ServiceSettings

Days = Annotated[int, Field(ge=1, le=3650)]


class ApplicationsSettings(ServiceSettings):
    """``sealing_key_file``: the public JWK of the notifications service.

    ``retention_years`` count from the end of the year in which a case ended; before, its personal data is not erased.
    The days are decisions of the office, not law: how long a case may wait for each before it is overdue.
    """

    service: str = "applications"
    sealing_key_file: Path
    attachment_max_bytes: Annotated[int, Field(ge=1024)] = 20_971_520
    attachments_per_case: Annotated[int, Field(ge=1, le=1000)] = 200
    scanner: str | None = None
    """Where clamd listens, `host:port`; without it attachments are stored and marked as unscanned."""
    scanner_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    person_keys_file: Path
    retention_years: Annotated[int, Field(ge=1, le=100)] = 10
    acknowledge_receipt: bool = False
    """Whether a letter tells each applicant that the application came (Eingangsbestätigung): the office's decision."""
    check_days: Days = 14
    answer_days: Days = 28
    reminder_days: Days = 7
    budget_days: Days = 7
    signature_days: Days = 7
    announcement_days: Days = 14
    court_days: Days = 90

    @property
    def periods(self) -> OfficePeriods:
        """How long each may take."""
        return OfficePeriods(
            check=self.check_days,
            answer=self.answer_days,
            budget=self.budget_days,
            signature=self.signature_days,
            announcement=self.announcement_days,
            court=self.court_days,
            remind_before=self.reminder_days,
        )

    @model_validator(mode="after")
    def _files_hold_what_they_must(self) -> Self:
        if not _holds_a_key(self.sealing_key_file):
            raise ValueError("KFI_SEALING_KEY_FILE must name a file with the public JWK of the notifications service")
        if self.scanner is not None and not _is_an_address(self.scanner):
            raise ValueError("KFI_SCANNER must be host:port, where clamd listens")
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


def _is_an_address(scanner: str) -> bool:
    try:
        Scanner.at(scanner, timeout_seconds=1)
    except ValueError:
        return False
    return True
