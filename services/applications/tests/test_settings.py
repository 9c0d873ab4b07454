"""The settings: production takes confirmed calls only, and every refusal says what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from kfi_applications.settings import ApplicationsSettings, catalogue_of
from kfi_chassis.sealing import new_sealing_key, public_part
from kfi_chassis.settings import ConfigurationError, load_settings

CONFIRMED = """
[[call]]
key = "confirmed"
programme = "mso-einzelprojekt"
title = "Confirmed"
opens_on = 2026-01-01
last_day = 2026-04-30
deadline_kind = "ausschlussfrist"
cap = "15000.00"
civic_work_basis = "own-share"
budget_title = "X"
source = "the call of a day, confirmed by a person"
"""


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
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def test_a_demonstration_offers_the_fictitious_calls(environment: Any) -> None:
    settings = load_settings(ApplicationsSettings)
    assert "mso-einzelprojekt-2027" in {call.key for call in catalogue_of(settings.calls_file).calls}


def test_production_refuses_fictitious_calls(environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFI_PROFILE", "production")
    with pytest.raises(ConfigurationError, match="production refuses fictitious"):
        load_settings(ApplicationsSettings)


def test_production_takes_confirmed_calls(environment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = tmp_path / "calls.toml"
    calls.write_text(CONFIRMED, "utf-8")
    monkeypatch.setenv("KFI_PROFILE", "production")
    monkeypatch.setenv("KFI_CALLS_FILE", str(calls))
    assert [call.key for call in catalogue_of(load_settings(ApplicationsSettings).calls_file).calls] == ["confirmed"]


@pytest.mark.parametrize(
    ("variable", "content"),
    [
        ("KFI_SEALING_KEY_FILE", "no key"),
        ("KFI_SEALING_KEY_FILE", '{"kty": "EC", "crv": "P-384"}'),
        ("KFI_CALLS_FILE", "[[call]]\nkey = 'half a call'"),
        ("KFI_CALLS_FILE", CONFIRMED.replace("15000.00", "fifteen")),
        ("KFI_CALLS_FILE", CONFIRMED.replace("ausschlussfrist", "frist")),
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
