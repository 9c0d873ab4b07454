"""Several replicas of a service behind one gateway: requests go to those that are ready."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from kfi_chassis.testkit.polling import eventually
from kfi_stack.gateway import Service

pytestmark = pytest.mark.servers
PATH = "/applications/v1/applications"
LOOK_SECONDS = 0.1


class Replica:
    """One replica: whether it says that it is ready; it answers with its number."""

    def __init__(self, number: int) -> None:
        self.ready = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(str(number).encode()))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(replica, told: bytes) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(503 if self.path == "/health/ready" and not replica.ready else 200)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Quiet."""

        return Answer


@dataclass
class Door:
    """A gateway before two replicas."""

    gateway: Any
    ask: Any
    token: str

    async def answers(self) -> Counter[str]:
        """How often each replica answered, of twenty requests; a refusal counts under its status."""
        told = [await self.ask(self.gateway.address, PATH, token=self.token) for _ in range(20)]
        return Counter(one.text if one.status_code == 200 else str(one.status_code) for one in told)

    async def knows(self, ready: int) -> None:
        """Wait until the gateway has noticed that so many are ready."""
        admin = f"http://127.0.0.1:{self.gateway.settings.admin_port}"

        async def noticed() -> bool:
            found = await self.ask(admin, "/stats?filter=cluster.applications.membership_healthy")
            return bool(found.text.strip().endswith(f": {ready}"))

        await eventually(noticed)


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    both = [Replica(1), Replica(2)]
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def door_to(replicas: list[Replica], gateway_with: Any, ask: Any, token: str) -> Any:
    @contextmanager
    def door(look_seconds: float) -> Iterator[Door]:
        service = Service("applications", replicas[0].port, further_ports=(replicas[1].port,))
        with gateway_with(services=(service,), look_seconds=look_seconds) as gateway:
            yield Door(gateway, ask, token)

    return door


async def test_all_that_are_ready_share_the_requests(door_to: Any) -> None:
    with door_to(LOOK_SECONDS) as door:
        await door.knows(ready=2)
        assert await door.answers() == {"1": 10, "2": 10}


async def test_one_that_is_not_ready_gets_none_until_it_is(replicas: list[Replica], door_to: Any) -> None:
    with door_to(LOOK_SECONDS) as door:
        await door.knows(ready=2)
        replicas[0].ready = False
        await door.knows(ready=1)
        assert await door.answers() == {"2": 20}
        replicas[0].ready = True
        await door.knows(ready=2)
        assert await door.answers() == {"1": 10, "2": 10}


async def test_where_none_is_ready_all_are_asked_and_say_why(replicas: list[Replica], door_to: Any) -> None:
    with door_to(LOOK_SECONDS) as door:
        await door.knows(ready=2)
        for one in replicas:
            one.ready = False
        await door.knows(ready=0)
        assert await door.answers() == {"1": 10, "2": 10}


async def test_a_replica_that_is_gone_before_it_was_noticed_costs_nobody_an_answer(
    replicas: list[Replica], door_to: Any
) -> None:
    with door_to(60) as door:
        await door.knows(ready=2)
        replicas[0].stop()
        assert await door.answers() == {"2": 20}
