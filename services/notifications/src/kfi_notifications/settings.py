"""What a process of the notifications service is told by its environment."""

from datetime import time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kfi_chassis.sealing import Opener
from kfi_chassis.settings import ConfigurationError, ServiceSettings
from kfi_notifications.channels.smtp import SmtpSecurity
from kfi_notifications.configuration import SUMMARIES, read_courts, read_keys, read_letterhead, read_summaries
from kfi_notifications.domain.court_addresses import CourtDirectory
from kfi_notifications.domain.letterhead import Letterhead
from kfi_notifications.domain.summaries import Summaries


class NotificationsSettings(ServiceSettings):
    """Settings of every role; files are read once, when the process starts, and a wrong one ends the start."""

    service: str = "notifications"

    person_keys_file: Path
    letterhead_file: Path
    courts_file: Path
    opener_keys_file: Path | None = None
    """Private keys that open orders, made by `kfi-notifications keys new`; only the worker needs them."""
    spool_folder: Path
    letters_rest_seconds: Annotated[int, Field(ge=0, le=600)] = 0
    """How long a finished letter or e-mail rests before it is handed over, so that a person can hold it back."""
    print_cut_off: time | None = None
    """When the batch of a day is closed, local time; its print room says when it was posted. None: letters count as
    posted on the day of their folder, and nobody acknowledges that."""
    summaries_folder: Path | None = None
    """Sentences in other languages: a folder for each version, in it a file for each language; none: those packaged."""

    smtp_host: Annotated[str, Field(min_length=1)]
    smtp_port: Annotated[int, Field(ge=1, le=65535)]
    smtp_sender: Annotated[str, Field(pattern=r"^[!-?A-~]+@[!-?A-~]+$")]
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_username: str | None = None
    smtp_password: str | None = Field(default=None, repr=False)
    smtp_answer_seconds: Annotated[float, Field(gt=0)] = 10.0

    @property
    def letters_rest(self) -> timedelta:
        """The same as a duration."""
        return timedelta(seconds=self.letters_rest_seconds)

    @cached_property
    def letterhead(self) -> Letterhead:
        """Who writes. Raises ConfigurationError."""
        return read_letterhead(self.letterhead_file, self.profile)

    @cached_property
    def courts(self) -> CourtDirectory:
        """Where actions are brought. Raises ConfigurationError."""
        return read_courts(self.courts_file, self.profile)

    @cached_property
    def summaries(self) -> Summaries:
        """Sentences in other languages. Raises ConfigurationError."""
        return read_summaries(self.summaries_folder or SUMMARIES, self.profile)

    @cached_property
    def opener(self) -> Opener:
        """What opens the orders. Raises ConfigurationError."""
        if self.opener_keys_file is None:
            raise ConfigurationError("Set KFI_OPENER_KEYS_FILE: a worker cannot open orders without it.")
        return read_keys(self.opener_keys_file)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        _ = self.letterhead, self.courts, self.summaries, self.key_ring
        if self.opener_keys_file is not None:
            _ = self.opener
        if self.smtp_password is not None and self.smtp_security is SmtpSecurity.NONE:
            raise ConfigurationError("Set KFI_SMTP_SECURITY to starttls or tls: a password never travels in the clear.")
        return self
