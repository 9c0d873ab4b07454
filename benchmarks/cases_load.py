"""The load generator, a process of its own: begins cases at a rate, whatever became of those before (open loop).

`python -m benchmarks.cases_load PLAN` (a Plan as JSON) says `ready` when the load is about to begin, then a line per
case with the moments of its steps (Unix time), then `ready` again and waits to be ended.
Arrivals are a Poisson process with a fixed seed, as of people who do not know of one another. A case begins at its
scheduled moment and is measured from there, so a platform (or a generator) that lags is seen and not left out.
"""

import asyncio
import json
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import uuid4

from benchmarks.cases_http import Answer, Client
from kfi_stack.demo.cases import application_body, proposal_body
from kfi_stack.demo.story import APPLICATIONS
from kfi_stack.identity.tokens import Tokens

READY: Final = "ready"
RENEW_SECONDS: Final = 120.0
AT_ONCE_IN_ADVANCE: Final = 8
LOGINS: Final = ("applicant", "caseworker", "budget-officer", "signatory")
STEPS: Final = (
    ("caseworker", "formal-check", None),
    ("caseworker", "substance-check", None),
    ("caseworker", "proposal", proposal_body()),
    ("budget-officer", "reservation", None),
    ("signatory", "second-check", None),
)


@dataclass(frozen=True)
class Plan:
    """What to do: cases a second, for how many seconds; `signatures` brings all cases to the second check first.

    With `at_once` the loop is closed: so many cases are on their way at any time, and the rate is what comes of it.
    """

    gateway: str
    issuer: str
    rate: float
    seconds: float
    signatures: bool
    at_once: int = 0
    seed: int = 1


@dataclass
class Trip:
    """One case on its way: scheduled and begun, clicked (the signature asked for), answered; or what stopped it."""

    scheduled: float = 0.0
    begun: float = 0.0
    clicked: float = 0.0
    answered: float = 0.0
    id: str = ""
    etag: str = ""
    digest: str = ""
    failure: str = ""
    requests: list[float] = field(default_factory=list)


class NotDoneError(Exception):
    """The platform refused a step."""


class Generator:
    """Walks cases from filing to signature through the gateway."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._client = Client(plan.gateway)
        self._tokens: dict[str, str] = {}

    async def run(self) -> list[Trip]:
        """All cases, begun at their moments and walked to their end."""
        await self._sign_in()
        renewing = asyncio.create_task(self._renew())
        moments = arrivals(self._plan)
        trips = [Trip() for _ in moments]
        if self._plan.signatures:
            await self._bring_to_second_check(trips)
        print(READY, flush=True)
        await (self._closed(trips) if self._plan.at_once else self._open(trips, moments))
        renewing.cancel()
        return trips

    async def _open(self, trips: list[Trip], moments: list[float]) -> None:
        begin = time.time() + 0.5
        walks = []
        for trip, moment in zip(trips, moments, strict=True):
            trip.scheduled = begin + moment
            await asyncio.sleep(max(0.0, trip.scheduled - time.time()))
            walks.append(asyncio.create_task(self._walk(trip)))
        await asyncio.gather(*walks)

    async def _closed(self, trips: list[Trip]) -> None:
        places = asyncio.Semaphore(self._plan.at_once)

        async def walk(trip: Trip) -> None:
            async with places:
                trip.scheduled = time.time()
                await self._walk(trip)

        await asyncio.gather(*map(walk, trips))

    async def _walk(self, trip: Trip) -> None:
        trip.begun = time.time()
        try:
            if not self._plan.signatures:
                await self._to_second_check(trip)
            await self._sign(trip)
        except (NotDoneError, OSError, EOFError) as error:
            trip.failure = f"{type(error).__name__}: {error}"

    async def _to_second_check(self, trip: Trip) -> None:
        await self._file(trip)
        for login, action, body in STEPS:
            await self._act(trip, login, action, body)
        trip.digest = (await self._ask(trip, "signatory", "GET", f"{self._path(trip)}/letter-content")).document()[
            "digest"
        ]

    async def _file(self, trip: Trip) -> None:
        body = application_body("Unter Last")
        body["addressee"]["email"] = f"{uuid4().hex}@verein.example"
        answer = await self._ask(trip, "applicant", "POST", APPLICATIONS, body, {"Idempotency-Key": str(uuid4())})
        trip.id, trip.etag = str(answer.document()["id"]), answer.etag

    async def _sign(self, trip: Trip) -> None:
        trip.clicked = trip.scheduled if self._plan.signatures else time.time()
        await self._act(trip, "signatory", "signature", {"digest": trip.digest})
        trip.answered = time.time()

    async def _act(self, trip: Trip, login: str, action: str, body: dict[str, Any] | None) -> None:
        path = f"{self._path(trip)}/{action}"
        trip.etag = (await self._ask(trip, login, "POST", path, body or {}, {"If-Match": trip.etag})).etag

    async def _ask(
        self, trip: Trip, login: str, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        begun = time.perf_counter()
        sent = {"Authorization": f"Bearer {self._tokens[login]}"} | (headers or {})
        answer = await self._client.send(method, path, sent, body)
        trip.requests.append(round(time.perf_counter() - begun, 6))
        if answer.status >= 300:
            raise NotDoneError(f"{answer.status} {method} {path.rpartition('/')[2]} {answer.body[:200]!r}")
        return answer

    @staticmethod
    def _path(trip: Trip) -> str:
        return f"{APPLICATIONS}/{trip.id}"

    async def _bring_to_second_check(self, trips: list[Trip]) -> None:
        places = asyncio.Semaphore(AT_ONCE_IN_ADVANCE)

        async def bring(trip: Trip) -> None:
            async with places:
                await self._to_second_check(trip)
            trip.requests.clear()

        await asyncio.gather(*map(bring, trips))

    async def _sign_in(self) -> None:
        tokens = Tokens(self._plan.issuer)
        for login in LOGINS:
            self._tokens[login] = await tokens.for_person(login)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._sign_in()


def arrivals(plan: Plan) -> list[float]:
    """The moments at which cases begin, in seconds from the start: exactly rate x seconds of them."""
    chance = random.Random(plan.seed)  # noqa: S311 - arrivals are no secret
    return sorted(chance.uniform(0, plan.seconds) for _ in range(round(plan.rate * plan.seconds)))


def main() -> None:
    """Read the plan, walk all cases, write what became of them."""
    plan = Plan(**json.loads(sys.argv[1]))
    for trip in asyncio.run(Generator(plan).run()):
        print(json.dumps(asdict(trip)))
    print(READY, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
