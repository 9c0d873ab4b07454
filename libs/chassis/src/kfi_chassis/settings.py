"""What a process is told by its environment: every setting is one variable `KFI_<NAME>`.

A wrong or missing setting ends the start with one sentence that says what to do; the value itself is never printed,
because it may be a password.
"""

import socket
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kfi_chassis.privacy.key_file import KeyFileUnusable
from kfi_chassis.privacy.keys import KeyRing

S = TypeVar("S", bound=BaseSettings)

ENV_PREFIX = "KFI_"
_ASYNC_DRIVER = "postgresql+asyncpg://"


class ConfigurationError(Exception):
    """The process cannot start with these settings; the message is one sentence with what to do."""


class Profile(StrEnum):
    """What the process runs for; `production` refuses everything that only a demo or a test may do."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class KafkaSecurity(StrEnum):
    """How a client reaches the broker: SCRAM over TLS, SCRAM on a loopback, or nothing (tests)."""

    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"
    PLAINTEXT = "PLAINTEXT"


def _with_async_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
        raise ValueError("not a PostgreSQL URL")
    return _ASYNC_DRIVER + rest


DatabaseUrl = Annotated[str, AfterValidator(_with_async_driver), Field(repr=False)]
"""A PostgreSQL URL, brought to the driver the chassis uses (asyncpg)."""


class MigrationSettings(BaseSettings):
    """All that `migrate` needs: the URL of the role that owns the tables."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    migration_url: DatabaseUrl


class RestoreSettings(BaseSettings):
    """What `kfi restore` needs besides the service's own settings: a user of Kafka who may read all of its topics."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    restore_kafka_username: Annotated[str, Field(min_length=1)]
    restore_kafka_password: Annotated[str, Field(min_length=1, repr=False)]


class ServiceSettings(BaseSettings):
    """The settings every service has; a service subclasses it, names itself and adds its own."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    service: str
    profile: Profile = Profile.PRODUCTION
    instance: Annotated[str, Field(min_length=1)] = Field(default_factory=socket.gethostname)
    """Unique and stable per replica: the static membership of its consumers hangs on it."""

    database_url: DatabaseUrl
    database_pool: Annotated[int, Field(ge=1, le=200)] = 10
    database_timeout_seconds: Annotated[float, Field(gt=0)] = 5.0
    """How long a connection, or a free place in the pool, is waited for."""

    kafka_bootstrap: Annotated[str, Field(min_length=1)]
    kafka_username: str | None = None
    kafka_password: str | None = Field(default=None, repr=False)
    kafka_security: KafkaSecurity = KafkaSecurity.SASL_SSL
    kafka_ca_file: Path | None = None
    kafka_request_timeout_ms: Annotated[int, Field(ge=1000)] = 10_000
    max_event_bytes: Annotated[int, Field(ge=1000)] = 900_000
    consumer_batch: Annotated[int, Field(ge=1, le=1000)] = 500
    consumer_session_timeout_ms: Annotated[int, Field(ge=1000)] = 10_000
    consumer_max_poll_interval_ms: Annotated[int, Field(ge=10_000)] = 300_000

    issuer: Annotated[str, Field(min_length=1)]
    audience: Annotated[str, Field(min_length=1)] = "kfi"
    jwks_url: Annotated[str, Field(min_length=1)]

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)]
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    request_timeout_seconds: Annotated[float, Field(gt=0)] = 15.0
    drain_seconds: Annotated[float, Field(ge=0)] = 0.0
    """How long a stopping process still takes requests with its readiness red, so that balancers notice."""
    grace_seconds: Annotated[float, Field(gt=0)] = 20.0
    """How long requests and batches in flight may take to finish before they are cancelled."""

    business_date_file: Path | None = None
    log_level: str = "INFO"
    traces_endpoint: Annotated[str, Field(pattern=r"^https?://[^@\s]+$")] | None = None
    """Where spans go (OTLP over HTTP, like http://collector:4318/v1/traces); without it none are made."""

    person_keys_file: Path | None = None
    """The keys that wrap persons' keys, and that of the search index, made by the command `privacy new-key`."""
    encrypt_personal_data: bool = True
    """False only while replicas of a release run that cannot read what is encrypted."""

    @cached_property
    def key_ring(self) -> KeyRing:
        """The keys of this process outside of the database. Raises ConfigurationError."""
        if self.person_keys_file is None:
            raise ConfigurationError("Set KFI_PERSON_KEYS_FILE: personal data cannot be read or stored without it.")
        try:
            return KeyRing(self.person_keys_file)
        except KeyFileUnusable as failure:
            raise ConfigurationError(str(failure)) from None


def load_settings(settings_class: type[S]) -> S:
    """Read the settings from the environment. Raises ConfigurationError with one sentence."""
    try:
        return settings_class()
    except ValidationError as failure:
        raise ConfigurationError(_sentence(failure)) from None


def _sentence(failure: ValidationError) -> str:
    errors = failure.errors()
    missing = [_variable(error["loc"]) for error in errors if error["type"] == "missing"]
    wrong = [f"{_variable(error['loc'])} ({_reason(error['msg'])})" for error in errors if error["type"] != "missing"]
    advice = [f"set {', '.join(missing)}, which this process needs"] if missing else []
    if wrong:
        advice.append(f"correct {', '.join(wrong)}")
    return f"The environment is not complete: {'; and '.join(advice)}."


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _variable(location: tuple[int | str, ...]) -> str:
    return ENV_PREFIX + "_".join(str(part) for part in location).upper()
