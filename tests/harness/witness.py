"""What people were told at the gateway and machines at the probes, each answer with its moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

import httpx2

from kfi_stack.demo.people import People
from kfi_stack.running_platform import Platform

PROBE_SECONDS = 10.0
PROBE_EVERY_SECONDS = 0.1
QUESTIONS = ("live", "ready")
NO_ANSWER = 0


@dataclass(frozen=True)
class Told:
    """One answer: when it was asked for, how long it took, its status; NO_ANSWER with the error in its place."""

    asked_at: float
    seconds: float
    status: int
    retry_after: str | None = None
    error: str = ""

    @property
    def proper(self) -> bool:
        """No fault of the platform: an answer, or a 503 that says when to come again."""
        return NO_ANSWER < self.status < 500 or (self.status == 503 and bool(self.retry_after))


@dataclass
class Witness:
    """Every answer that its people got."""

    told: list[Told] = field(default_factory=list)

    @asynccontextmanager
    async def people_at(self, platform: Platform) -> AsyncIterator[People]:
        """The people of the demo at this gateway, overheard."""
        async with People.at(platform) as people:
            for person in vars(people).values():
                await person._http.aclose()
                recording = _Recording(self.told)
                person._http = httpx2.AsyncClient(base_url=platform.gateway_url, timeout=20, transport=recording)
            yield people

    def between(self, start: float, end: float) -> list[Told]:
        """What was asked and answered in that time."""
        return [one for one in self.told if start <= one.asked_at and one.asked_at + one.seconds < end]

    @property
    def improper(self) -> Counter[str]:
        """Faults of the platform: how often which."""
        return counted(one for one in self.told if not one.proper)


def counted(told: Iterable[Told]) -> Counter[str]:
    """How often which status, or which error where there was none."""
    return Counter(one.error or str(one.status) for one in told)


class _Recording(httpx2.AsyncBaseTransport):
    """Passes requests on and notes what came back, to the last byte."""

    def __init__(self, told: list[Told]) -> None:
        self._inner = httpx2.AsyncHTTPTransport()
        self._told = told

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked_at = monotonic()
        try:
            answer = await self._inner.handle_async_request(request)
            await answer.aread()
        except httpx2.TransportError as error:
            self._told.append(Told(asked_at, monotonic() - asked_at, NO_ANSWER, error=type(error).__name__))
            raise
        retry_after = answer.headers.get("Retry-After")
        self._told.append(Told(asked_at, monotonic() - asked_at, answer.status_code, retry_after))
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class Probes:
    """Asks processes again and again whether they are alive and ready, as whoever runs them would."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._asking: list[asyncio.Task[None]] = []
        self.told: dict[str, list[Told]] = {question: [] for question in QUESTIONS}

    async def __aenter__(self) -> Self:
        self._asking = [
            asyncio.create_task(self._ask(address, question))
            for address in self._addresses.values()
            for question in QUESTIONS
        ]
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None
    ) -> None:
        for asking in self._asking:
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def statuses(self, question: str, start: float, end: float) -> Counter[str]:
        """What was answered to what was asked in that time."""
        return counted(one for one in self.told[question] if start <= one.asked_at < end)

    async def _ask(self, address: str, question: str) -> None:
        async with httpx2.AsyncClient(base_url=address, timeout=PROBE_SECONDS) as http:
            while True:
                asked_at, status, error = monotonic(), NO_ANSWER, ""
                try:
                    status = (await http.get(f"/health/{question}")).status_code
                except httpx2.TransportError as problem:
                    error = type(problem).__name__
                self.told[question].append(Told(asked_at, monotonic() - asked_at, status, error=error))
                await asyncio.sleep(PROBE_EVERY_SECONDS)
