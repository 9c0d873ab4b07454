from collections.abc import Callable
from pathlib import Path

import pytest

from kfi_chassis.settings import ConfigurationError, Profile
from kfi_notifications.channels.smtp import SmtpSecurity
from kfi_notifications.settings import NotificationsSettings

Settings = Callable[..., NotificationsSettings]


def test_production_does_not_start_with_invented_courts_or_letterhead(settings_of: Settings) -> None:
    with pytest.raises(ConfigurationError, match="production needs confirmed data"):
        settings_of(profile=Profile.PRODUCTION)


def test_a_missing_file_ends_the_start_with_its_name(settings_of: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing\.json"):
        settings_of(opener_keys_file=tmp_path / "missing.json")


def test_a_password_never_travels_in_the_clear(settings_of: Settings) -> None:
    with pytest.raises(ConfigurationError, match="KFI_SMTP_SECURITY"):
        settings_of(smtp_username="kfi", smtp_password="secret", smtp_security=SmtpSecurity.NONE)
    assert "secret" not in repr(settings_of(smtp_password="secret", smtp_security=SmtpSecurity.TLS))


def test_a_process_without_keys_says_what_a_worker_needs(settings_of: Settings) -> None:
    with pytest.raises(ConfigurationError, match="KFI_OPENER_KEYS_FILE"):
        _ = settings_of(opener_keys_file=None).opener
