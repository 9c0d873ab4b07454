"""Kafka settings of a test, quick where production is patient."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class QuickKafkaSettings:
    """What the consumer and the relay must be told; see `kfi_chassis.broker.KafkaSettings`."""

    kafka_bootstrap: str
    kafka_security: str = "PLAINTEXT"
    kafka_username: str | None = None
    kafka_password: str | None = None
    kafka_ca_file: Path | None = None
    kafka_request_timeout_ms: int = 5_000
    instance: str = "test"
    consumer_batch: int = 100
    consumer_session_timeout_ms: int = 6_000
    consumer_max_poll_interval_ms: int = 60_000
