from pathlib import Path

import pytest

from kfi_chassis.settings import ConfigurationError, Profile
from kfi_notifications.configuration import DEMO, read_courts, read_letterhead


def test_production_refuses_the_invented_letterhead_and_courts() -> None:
    with pytest.raises(ConfigurationError, match="production needs confirmed data"):
        read_letterhead(DEMO / "letterhead.toml", Profile.PRODUCTION)
    with pytest.raises(ConfigurationError, match="production needs confirmed data"):
        read_courts(DEMO / "courts.toml", Profile.PRODUCTION)


def test_production_takes_data_that_is_not_invented(tmp_path: Path) -> None:
    own = tmp_path / "courts.toml"
    own.write_text(
        (DEMO / "courts.toml").read_text("utf-8").replace("fictitious = true", "fictitious = false"), "utf-8"
    )
    assert not read_courts(own, Profile.PRODUCTION).fictitious


@pytest.mark.parametrize("text", [None, b"no toml", b"\xff", b"fictitious = true"])
def test_a_missing_or_broken_file_is_told_in_one_sentence(tmp_path: Path, text: bytes | None) -> None:
    path = tmp_path / "letterhead.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(ConfigurationError) as told:
        read_letterhead(path, Profile.TEST)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)
