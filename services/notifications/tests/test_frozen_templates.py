"""A template that letters were sent with is never changed: what was signed must be printed the same for ever."""

from hashlib import sha256
from pathlib import Path

from kfi_notifications.typesetting import TEMPLATES, template_files

FROZEN = Path(__file__).with_name("frozen_templates.sha256")


def test_a_published_template_is_never_changed() -> None:
    frozen = {name: digest for digest, name in (line.split("  ") for line in FROZEN.read_text("utf-8").splitlines())}
    found = {
        str(path.relative_to(TEMPLATES)): sha256(path.read_bytes()).hexdigest() for path in TEMPLATES.rglob("*.typ")
    }
    assert found == frozen, "make a new version of the template and add it here; letters were sent with the old one"


def test_the_catalogue_knows_the_templates_by_name_and_version() -> None:
    assert set(template_files()) == {
        ("grant-decision", 1),
        ("grant-decision", 2),
        ("grant-rejection", 1),
        ("grant-correction", 1),
        ("information-request", 1),
        ("receipt-acknowledgement", 1),
        ("allocation-hearing", 1),
        ("allocation-decision", 1),
        ("placement-agreement", 1),
    }
