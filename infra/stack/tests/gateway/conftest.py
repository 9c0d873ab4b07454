"""A real Envoy between the test and a tiny upstream that tells what reached it."""

import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from kfi_chassis.problems import CATALOGUE
from kfi_stack.gateway import Gateway, Service
from kfi_stack.identity.tokens import Tokens
from kfi_stack.ports import free_port, free_ports
from kfi_stack.program import Program
from kfi_stack.supervisor import Supervisor


@dataclass(frozen=True)
class RunningGateway:
    """Where it listens, with what settings, and what was started for it."""

    address: str
    settings: Gateway
    program: Program


GatewayWith = Callable[..., AbstractContextManager[RunningGateway]]
RELEASED = threading.Event()


class _Telling(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.endswith("/never"):
            RELEASED.wait(30)
            self.close_connection = True
        else:
            RELEASED.wait(1 if self.path.endswith("?slow") else 0)
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
    RELEASED.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def gateway_with(provider: Any, upstream: int, tmp_path_factory: pytest.TempPathFactory) -> GatewayWith:
    """Run a gateway with some settings changed."""

    @contextmanager
    def run(**changes: Any) -> Iterator[RunningGateway]:
        services = (
            Service("applications", upstream),
            Service("stopped", free_port()),
        )
        port, admin_port = free_ports(2)
        settings = Gateway(port, admin_port, provider.issuer, f"{provider.issuer}/jwks", services)
        gateway = replace(settings, **changes)
        program = gateway.program(tmp_path_factory.mktemp("gateway"))
        with Supervisor() as supervisor:
            supervisor.start(program)
            yield RunningGateway(f"http://127.0.0.1:{gateway.port}", gateway, program)

    return run


@pytest.fixture(scope="session")
def running_gateway(gateway_with: GatewayWith) -> Iterator[RunningGateway]:
    """One gateway with the demo's settings for the whole session."""
    with gateway_with() as one:
        yield one


@pytest.fixture(scope="session")
def gateway(running_gateway: RunningGateway) -> str:
    """The address of that one."""
    return running_gateway.address


@pytest.fixture
async def token(provider: Any) -> str:
    """A caseworker's access token."""
    return await Tokens(provider.issuer).for_person("caseworker")


@pytest.fixture
def minted(provider: Any) -> Callable[..., str]:
    """Tokens signed with the provider's own key, with claims the provider would never write."""
    keys = KeySet([ECKey.import_key(json.loads(provider.key_file.read_text()))])

    def mint(typ: str = "at+jwt", signed_by: KeySet = keys, **changes: object) -> str:
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": "kfi", "sub": "account-9", "iat": now, "exp": now + 60} | changes
        given = {name: value for name, value in claims.items() if value is not None}
        return str(jwt.encode({"alg": "ES256", "typ": typ}, given, signed_by))

    return mint


@pytest.fixture
async def ask() -> AsyncIterator[Callable[..., Awaitable[httpx2.Response]]]:
    """Send one request, a POST when there is a body; path and query go out exactly as given."""
    async with httpx2.AsyncClient() as http:

        async def send(
            address: str,
            path: str = "/applications/v1/applications",
            *,
            token: str | None = None,
            body: bytes | None = None,
            headers: Mapping[str, str] | None = None,
        ) -> httpx2.Response:
            authorization = {"Authorization": f"Bearer {token}"} if token else {}
            method, extensions = "GET" if body is None else "POST", {"target": path.encode()}
            return await http.request(
                method, address, content=body, headers=authorization | dict(headers or {}), extensions=extensions
            )

        yield send


@pytest.fixture
def problem() -> Callable[[httpx2.Response, int], dict[str, Any]]:
    """The problem document of an answer, after checking that it is a whole one and tells nothing of the machinery."""

    def read(answer: httpx2.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        document: dict[str, Any] = answer.json()
        assert set(document) == {"type", "title", "status", "detail", "remedy", "correlation_id"}
        assert document["status"] == status
        assert document["title"] == CATALOGUE[document["type"].removeprefix("/problems/")].title
        assert document["detail"]
        assert document["remedy"]
        assert document["correlation_id"] == answer.headers["x-correlation-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not {"server", "x-powered-by"} & set(answer.headers)
        assert "envoy" not in answer.text.lower() + str(answer.headers).lower()
        return document

    return read
