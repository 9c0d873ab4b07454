"""A process starts with settings that fit, or says in one sentence which do not."""

import pytest

from kfi_chassis.settings import ConfigurationError, KafkaSecurity, Profile, ServiceSettings, load_settings

ENVIRONMENT = {
    "KFI_SERVICE": "demo",
    "KFI_DATABASE_URL": "postgresql://kfi_demo:geheim@127.0.0.1:5432/kfi_demo",
    "KFI_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "KFI_ISSUER": "http://127.0.0.1:9000",
    "KFI_JWKS_URL": "http://127.0.0.1:9000/jwks.json",
    "KFI_HTTP_PORT": "8081",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_environment_becomes_settings(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings(ServiceSettings)
    assert settings.database_url == "postgresql+asyncpg://kfi_demo:geheim@127.0.0.1:5432/kfi_demo"
    assert settings.http_port == 8081


def test_what_is_not_said_is_the_safe_choice(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings(ServiceSettings)
    assert (settings.profile, settings.kafka_security, settings.http_host) == (
        Profile.PRODUCTION,
        KafkaSecurity.SASL_SSL,
        "127.0.0.1",
    )


def test_a_missing_setting_is_named_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("KFI_DATABASE_URL")
    environment.delenv("KFI_ISSUER")
    with pytest.raises(ConfigurationError, match="set KFI_DATABASE_URL, KFI_ISSUER, which this process needs"):
        load_settings(ServiceSettings)


def test_a_wrong_setting_is_told_in_one_sentence_without_its_value(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KFI_DATABASE_URL", "mysql://kfi:geheim@db/kfi")
    environment.setenv("KFI_HTTP_PORT", "geheim-99999")
    with pytest.raises(ConfigurationError) as told:
        load_settings(ServiceSettings)
    sentence = str(told.value)
    assert "KFI_DATABASE_URL (not a PostgreSQL URL)" in sentence
    assert "KFI_HTTP_PORT" in sentence
    assert "geheim" not in sentence
    assert sentence.count("\n") == 0


def test_passwords_are_not_shown_with_the_settings(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KFI_KAFKA_PASSWORD", "geheimwort")
    assert "geheim" not in repr(load_settings(ServiceSettings))
