"""The platform's services as programs of the stack: each with its own environment and nothing else of ours."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kfi_stack.credentials import Credentials
from kfi_stack.ports import LOOPBACK
from kfi_stack.probes import answers
from kfi_stack.program import Program

STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class ServiceProcess:
    """One process of a service: its port, its database and Kafka user, the settings only this service knows.

    `instance` is unique per process and stays the same when the process is started again (static membership). Without
    `roles` the process has all the roles of its service.
    """

    name: str
    port: int
    database_url: str
    kafka_bootstrap: str
    kafka_user: Credentials
    issuer: str
    business_date_file: Path
    own: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    instance: str = "1"
    kafka_security: str = "SASL_PLAINTEXT"

    @property
    def url(self) -> str:
        """Where the process itself answers, past the gateway."""
        return f"http://{LOOPBACK}:{self.port}"

    def program(self, logs: Path) -> Program:
        """The program; ready once its database has its schema."""
        title = f"{self.name}-{self.instance}"
        return Program(
            name=f"service {self.name}",
            argv=(str(installed(f"kfi-{self.name}")), "run", *self.roles),
            log_file=logs / f"{title}.log",
            ready=lambda: answers(f"{self.url}/health/ready"),
            env=self.environment(),
            ready_within=STARTS_WITHIN_SECONDS,
            stop_within=25,
        )

    def environment(self) -> dict[str, str]:
        """All settings of the process as variables."""
        settings = {
            "PROFILE": "demo",
            "INSTANCE": f"{self.name}-{self.instance}",
            "DATABASE_URL": self.database_url,
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "KAFKA_SECURITY": self.kafka_security,
            "KAFKA_USERNAME": self.kafka_user.username,
            "KAFKA_PASSWORD": self.kafka_user.password,
            "ISSUER": self.issuer,
            "JWKS_URL": f"{self.issuer}/jwks",
            "HTTP_PORT": str(self.port),
            "BUSINESS_DATE_FILE": str(self.business_date_file),
        }
        return {f"KFI_{name}": value for name, value in (settings | dict(self.own)).items()}


def installed(program: str) -> Path:
    """One of the platform's programs, beside this Python."""
    return Path(sys.executable).with_name(program)
