"""The settings of the service: those of every service, the key letters are sealed with, and the calls."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kfi_applications.domain.due_dates import OfficePeriods
from kfi_applications.domain.errors import RuleBroken
from kfi_applications.domain.programmes.catalogue import (
    Catalogue,
    calls_from,
    demonstration_calls,
    packaged_programmes,
)
from kfi_applications.files.scanner import Scanner
from kfi_chassis.sealing import Sealer, SealingError
from kfi_chassis.settings import Profile, ServiceSettings

Days = Annotated[int, Field(ge=1, le=3650)]


class ApplicationsSettings(ServiceSettings):
    """``sealing_key_file``: the public JWK of the notifications service; ``calls_file``: TOML with the calls.

    Without ``calls_file`` the fictitious calls for demonstrations are offered, which a production profile refuses.
    The days are decisions of the office, not law: how long a case may wait for each before it is overdue.
    """

    service: str = "applications"
    sealing_key_file: Path
    calls_file: Path | None = None
    attachment_max_bytes: Annotated[int, Field(ge=1024)] = 20_971_520
    attachments_per_case: Annotated[int, Field(ge=1, le=1000)] = 200
    scanner: str | None = None
    """Where clamd listens, `host:port`; without it attachments are stored and marked as unscanned."""
    scanner_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    check_days: Days = 14
    budget_days: Days = 7
    signature_days: Days = 7
    announcement_days: Days = 14
    court_days: Days = 90

    @property
    def periods(self) -> OfficePeriods:
        """How long each may take."""
        return OfficePeriods(
            check=self.check_days, budget=self.budget_days, signature=self.signature_days,
            announcement=self.announcement_days, court=self.court_days,
        )  # fmt: skip

    @model_validator(mode="after")
    def _files_hold_what_they_must(self) -> Self:
        if not _holds_a_key(self.sealing_key_file):
            raise ValueError("KFI_SEALING_KEY_FILE must name a file with the public JWK of the notifications service")
        if self.scanner is not None and not _is_an_address(self.scanner):
            raise ValueError("KFI_SCANNER must be host:port, where clamd listens")
        if not _holds_calls(self.calls_file):
            raise ValueError(
                "KFI_CALLS_FILE must name a TOML file with a [[call]] table for each call of an open programme"
            )
        if self.profile is Profile.PRODUCTION and any(call.fictitious for call in catalogue_of(self.calls_file).calls):
            raise ValueError("KFI_CALLS_FILE must name confirmed calls: production refuses fictitious ones")
        return self


@cache
def sealer_of(key_file: Path) -> Sealer:
    """What seals letters for the notifications service; read once per process."""
    return Sealer(json.loads(key_file.read_text(encoding="utf-8")))


@cache
def catalogue_of(calls_file: Path | None) -> Catalogue:
    """The programmes with the calls of this installation; read once per process."""
    if calls_file is None:
        return Catalogue(packaged_programmes(), demonstration_calls())
    return Catalogue(packaged_programmes(), calls_from(tomllib.loads(calls_file.read_text(encoding="utf-8"))))


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


def _holds_calls(path: Path | None) -> bool:
    try:
        catalogue_of(path)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RuleBroken):
        return False
    return True
