"""The doorkeeper of the allocation service: it opens towns' doors at the broker, with a user of its own there."""

from collections.abc import Mapping
from pathlib import Path

from kfi_stack.kafka_server import KafkaServer
from kfi_stack.program import Program
from kfi_stack.services import installed

NAME = "doorkeeper"
BEGINS = "doorkeeper_begins"


def doorkeeper(database_url: str, kafka: KafkaServer, keys: Path, log_file: Path) -> Program:
    """The program; `keys` is the file with its private keys, which no other process reads."""
    user = kafka.user(NAME)
    settings: Mapping[str, str] = {
        "KFI_DATABASE_URL": database_url,
        "KFI_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "KFI_KAFKA_SECURITY": kafka.security,
        "KFI_DOORKEEPER_KAFKA_USERNAME": user.username,
        "KFI_DOORKEEPER_KAFKA_PASSWORD": user.password,
        "KFI_DOORKEEPER_KEYS_FILE": str(keys),
    }
    return Program(
        name=NAME,
        argv=(str(installed("kfi-allocation")), "doorkeeper"),
        log_file=log_file,
        ready=lambda: log_file.exists() and BEGINS in log_file.read_text("utf-8"),
        env=settings,
    )
