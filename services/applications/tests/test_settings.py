"""The settings: every refusal says what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from kfi_applications.settings import ApplicationsSettings
from kfi_chassis.privacy.key_file import KeyFile
from kfi_chassis.sealing import new_sealing_key, public_part
from kfi_chassis.settings import ConfigurationError, load_settings


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    key = tmp_path / "key.json"
    key.write_text(json.dumps(public_part(new_sealing_key())))
    variables = {
        "KFI_PROFILE": "demo",
        "KFI_DATABASE_URL": "postgresql://user:secret@127.0.0.1/db",
        "KFI_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
        "KFI_ISSUER": "https://issuer.example",
        "KFI_JWKS_URL": "https://issuer.example/jwks",
        "KFI_HTTP_PORT": "0",
        "KFI_SEALING_KEY_FILE": str(key),
        "KFI_PERSON_KEYS_FILE": str(tmp_path / "person-keys.json"),
    }
    KeyFile.with_a_new_key(tmp_path / "person-keys.json")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.mark.parametrize(
    ("variable", "content"),
    [
        ("KFI_SEALING_KEY_FILE", "no key"),
        ("KFI_SEALING_KEY_FILE", '{"kty": "EC", "crv": "P-384"}'),
    ],
)
def test_a_file_that_holds_something_else_is_told_by_its_variable(
    environment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content, "utf-8")
    monkeypatch.setenv(variable, str(file))
    with pytest.raises(ConfigurationError, match=f"{variable} must name"):
        load_settings(ApplicationsSettings)
