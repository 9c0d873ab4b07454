"""The words of the office come from its file, whole or not at all, and never from a demonstration in production."""

from pathlib import Path

import pytest

import kfi_allocation
from kfi_allocation.office import OfficeTexts, read_office
from kfi_chassis.settings import ConfigurationError, Profile

DEMO = Path(kfi_allocation.__file__).parent / "demo" / "office.toml"


def test_without_a_file_the_office_says_nothing() -> None:
    assert read_office(None, Profile.PRODUCTION) == OfficeTexts()


def test_the_demonstration_is_refused_by_production_and_leaves_the_law_as_open_as_it_is() -> None:
    texts = read_office(DEMO, Profile.TEST)
    assert texts.stay is not None
    assert (texts.effect_of_action, texts.further_legal_basis, texts.decision_notices) == (None, (), ())
    with pytest.raises(ConfigurationError, match="demonstration"):
        read_office(DEMO, Profile.PRODUCTION)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "cannot be read"),
        ("= =", "is no TOML file"),
        ('effect = "x"', "correct effect"),
        ('[stay]\nstreet = "x"', "correct stay.care_of"),
        ('[town_mailboxes]\n5515000 = "a@b.example"', "town_mailboxes"),
        ('[town_mailboxes]\n05515000 = "nobody"', "town_mailboxes.05515000"),
    ],
)
def test_a_wrong_file_is_told_with_its_field(written: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    if written is not None:
        file.write_text(written, "utf-8")
    with pytest.raises(ConfigurationError, match=told):
        read_office(file, Profile.TEST)
