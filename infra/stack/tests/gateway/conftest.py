"""A real Envoy between the test and a tiny upstream that tells what reached it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kfi_stack.gateway import Gateway, Service, command


class _Telling(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._tell(b"")

    def do_POST(self) -> None:
        self._tell(self.rfile.read(int(self.headers["Content-Length"])))

    def _tell(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = json.dumps({"path": self.path, "body_bytes": len(body), "headers": headers}).encode()
        self.send_response(404 if self.path.endswith("/absent") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Powered-By", "tests")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""


@pytest.fixture(scope="session")
def upstream() -> Iterator[int]:
    """The port of an upstream that answers with the path, headers and body size it got."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Telling)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def gateway_with(
    provider: Any,
    upstream: int,
    free_port: Callable[[], int],
    running: Callable[..., AbstractContextManager[None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[str]]:
    """Run a gateway with some settings changed; gives its address."""

    @contextmanager
    def run(**changes: Any) -> Iterator[str]:
        folder: Path = tmp_path_factory.mktemp("gateway")
        services = (
            Service("applications", upstream, larger_bodies={"/applications/v1/attachments": 3 * 1_048_576}),
            Service("stopped", free_port()),
        )
        settings: dict[str, Any] = {
            "port": free_port(),
            "admin_port": free_port(),
            "issuer": provider.issuer,
            "jwks_url": f"{provider.issuer}/jwks",
            "services": services,
        } | changes
        gateway = Gateway(**settings)
        log = (folder / "log").open("wb")
        with (
            log,
            running(command(gateway.write(folder / "envoy.yaml")), f"http://127.0.0.1:{gateway.admin_port}/ready"),
        ):
            yield f"http://127.0.0.1:{gateway.port}"

    return run


@pytest.fixture(scope="session")
def gateway(gateway_with: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """One gateway with the demo's settings for the whole session."""
    with gateway_with() as address:
        yield address
