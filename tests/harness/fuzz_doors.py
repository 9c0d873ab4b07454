"""Two ways to ask a service: at the gateway, as people do, and within this process, for great numbers.

Within the process it is the service's own application on its own database, with accounts instead of signed tokens.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx2
from fastapi import FastAPI

from kfi_chassis.declaration import Role, Service
from kfi_chassis.identity import Principal
from kfi_chassis.problems import Unauthenticated
from kfi_chassis.process import api_of, assembled
from kfi_stack.identity.directory import Directory
from kfi_stack.running_platform import Platform

from .door import Door
from .fuzz_requests import Asked

Ask = Callable[[Asked], Awaitable[httpx2.Response]]
AGAIN_AFTER_SECONDS = 0.2


@asynccontextmanager
async def at_the_gateway(platform: Platform, door: Door) -> AsyncIterator[Ask]:
    """With a token of the person; again after a while when the gateway says that it was too much."""
    async with httpx2.AsyncClient(base_url=platform.gateway_url, timeout=30) as http:

        async def ask(asked: Asked) -> httpx2.Response:
            headers = dict(asked.headers)
            if asked.login is not None:
                headers["Authorization"] = f"Bearer {await door.token(asked.login)}"
            while True:
                answer = await http.request(asked.method, asked.path, headers=_encoded(headers), content=asked.body)
                if answer.status_code != httpx2.codes.TOO_MANY_REQUESTS:
                    return answer
                await asyncio.sleep(AGAIN_AFTER_SECONDS)

        yield ask


@asynccontextmanager
async def within_this_process(platform: Platform) -> AsyncIterator[Ask]:
    """The applications of all services of the platform, each on its database."""
    processes = {}
    for name, running in platform.services.items():
        (found,) = entry_points(group="kfi.services", name=name)
        service: Service[Any, Any] = found.load()
        settings = {key.removeprefix("KFI_").lower(): value for key, value in running.environment().items()}
        processes[name] = assembled(service, service.settings_class(**settings))
    applications = {name: api_of(process, [Role.API]) for name, process in processes.items()}
    for application in applications.values():
        application.state.verifier = Accounts()

    async def ask(asked: Asked) -> httpx2.Response:
        headers = dict(asked.headers) | ({"Authorization": f"Bearer {asked.login}"} if asked.login else {})
        return await through_asgi(applications[asked.path.split("/")[1]], asked, headers)

    try:
        yield ask
    finally:
        for process in processes.values():
            await process.database.close()


class Accounts:
    """Stands for the identity provider: the token is the login."""

    def __init__(self) -> None:
        self._accounts = {
            one.login: Principal(one.sub, one.person, frozenset(one.roles), one.organisation, one.ags, one.name)
            for one in Directory.from_file().people
        }

    async def verify(self, token: str) -> Principal:
        if token not in self._accounts:
            raise Unauthenticated("not_valid")
        return self._accounts[token]


async def through_asgi(application: FastAPI, asked: Asked, headers: Mapping[str, str]) -> httpx2.Response:
    """One request as the HTTP server would hand it over."""
    path, _, query = asked.path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"), "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "client": ("192.0.2.7", 4711), "server": ("fuzz", 80),
        "headers": [(name.lower(), value) for name, value in _encoded(headers).items()],
    }  # fmt: skip
    sent: list[Any] = []
    arrived = False

    async def receive() -> Any:
        nonlocal arrived
        if arrived:  # as a client does that waits for the end of its answer
            await asyncio.Event().wait()
        arrived = True
        return {"type": "http.request", "body": asked.body or b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    request = httpx2.Request(asked.method, f"http://fuzz{path}")
    return httpx2.Response(sent[0]["status"], headers=sent[0]["headers"], content=body, request=request)


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}
