"""The passwords of a stack."""

import stat
from pathlib import Path

from kfi_stack.credentials import Credentials, Passwords


def test_a_password_stays_the_same_over_a_restart_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    first = Passwords(file).of("applications", "notifications")
    again = Passwords(file).of("notifications", "applications", "later")
    assert {name: again[name] for name in first} == first
    assert len({one.password for one in again.values()}) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_password_does_not_show() -> None:
    assert "secret" not in repr(Credentials("somebody", "secret"))
