"""People who go on working whatever breaks: they ask again, look at what became of it, and go on from there.

They are in a hurry as well: requests are sent twice at once, and the proposer tries to check and sign under another
account. Of what is sent twice one may be let through, of what four eyes forbid nothing.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import uuid4

import httpx2

from kfi_stack.demo.person import Answer, Json, Refused
from kfi_stack.demo.story import APPLICATIONS

from . import inboxes
from .bus import LOOK_EVERY_SECONDS
from .cases import application
from .office import Office
from .ways import WAYS, WITH_AN_INBOX, Step, Worked, next_step

AT_ONCE, AT_LEAST = 4, 12
REST_SECONDS = 1.0
"""Between two cases of a person: whatever else happens, the letters have to be written as well."""
PATIENCE_SECONDS = 90.0
PASSING = {502, 503, 504}
"""What the gateway answers while a service is gone; the same request may be sent again."""
OVERTAKEN = {409, 412}
"""The case is no longer as it was seen, most likely by this very request before its answer got lost."""
STUCK_AFTER = 40
"""A case seen so often in one state is refused for a reason that does not pass."""
IN_A_HURRY, IN_DISGUISE = 0.2, 0.2
"""How often a request is sent twice at once, and how often the proposer tries to be the second person."""


class Load:
    """Files applications and brings each to its decision, for as long as the block runs; then finishes those begun."""

    def __init__(
        self, office: Office, *, seed: int = 0, at_least: int = AT_LEAST, rest_seconds: float = REST_SECONDS
    ) -> None:
        self._office = office
        self._at_least = at_least
        self._rest_seconds = rest_seconds
        self._chance = random.Random(seed)  # noqa: S311 - who is in a hurry is no secret
        self._numbers = count()
        self._ending = False
        self._workers: list[asyncio.Task[None]] = []
        self.began = self.ended = datetime.now(UTC)
        self.cases: list[Worked] = []
        self.let_through: list[str] = []
        """What should have been refused and was not."""

    async def __aenter__(self) -> Self:
        await inboxes.say(getattr(self._office.people, WITH_AN_INBOX), stubborn, given=True)
        self._workers = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        return self

    async def __aexit__(
        self, _t: type[BaseException] | None, error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._ending = True
        if error is not None:
            for worker in self._workers:
                worker.cancel()
        outcomes = await asyncio.gather(*self._workers, return_exceptions=True)
        self.ended = datetime.now(UTC)
        if error is None:
            failed = [outcome for outcome in outcomes if outcome is not None]
            assert failed == [], failed

    async def _work(self) -> None:
        while not self._ending or len(self.cases) < self._at_least:
            case = await self._filed()
            self.cases.append(case)
            while await self._goes_on(case):
                pass
            if case.way.through_inbox:
                await inboxes.retrieved(case, getattr(self._office.people, WITH_AN_INBOX), stubborn)
            await asyncio.sleep(0 if self._ending else self._rest_seconds)

    async def _filed(self) -> Worked:
        way = WAYS[next(self._numbers) % len(WAYS)]
        applicant = getattr(self._office.people, way.applicant)
        body, key = application(f"Unter Last {uuid4()}", **way.changes), str(uuid4())
        answers = await self._perhaps_twice(lambda: applicant.create(APPLICATIONS, body, key=key))
        created = {str(answer.document["id"]) for answer in answers}
        if len(created) > 1:
            self.let_through.append(f"one request created {sorted(created)}")
        answer = answers[0]
        return Worked(str(answer.document["id"]), str(answer.document["file_number"]), answer.etag, body, way=way)

    async def _goes_on(self, case: Worked) -> bool:
        """Looks at the case and does what is to be done next; false once its people are done with it."""
        seen = await stubborn(lambda: self._office.people.caseworker.get(case.path))
        case.etag = seen.etag
        case.states.append(str(seen.document["state"]))
        assert len(set(case.states[-STUCK_AFTER:])) > 1 or len(case.states) < STUCK_AFTER, f"stuck: {case}"
        step = next_step(case, seen.document)
        if step is None:
            return False
        await self._disguised(case, step)
        await self._done(case, step)
        return True

    async def _done(self, case: Worked, step: Step) -> None:
        people, etag = self._office.people, case.etag
        person = getattr(people, case.way.applicant if step.person == "applicant" else step.person)
        path = f"{case.path}/{step.action}"
        try:
            body = await step.body(case, people)
        except (Refused, httpx2.TransportError):
            return  # it may be another one by now: look again
        answers = await self._perhaps_twice(lambda: person.act(path, etag, body))
        if len(answers) > 1:
            self.let_through.append(f"{step.action} of {case.id} twice on version {etag}")

    async def _disguised(self, case: Worked, step: Step) -> None:
        """The proposer, by a second account, takes the case for the second check or signs it."""
        if step.action not in {"second-check", "signature"} or self._chance.random() > IN_DISGUISE:
            return
        try:
            body: Json | None = await step.body(case, self._office.people)
            await self._office.people.same_person.act(f"{case.path}/{step.action}", case.etag, body)
        except (Refused, httpx2.TransportError):
            return
        self.let_through.append(f"{step.action} of {case.id} by the proposer")

    async def _perhaps_twice(self, attempt: Callable[[], Awaitable[Answer]]) -> list[Answer]:
        """The answers of the request, sent once or twice at once; none when it was overtaken."""
        times = 2 if self._chance.random() < IN_A_HURRY else 1
        outcomes = await asyncio.gather(*(stubborn(attempt) for _ in range(times)), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not _overtaken(outcome):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Answer)]


def _overtaken(outcome: BaseException) -> bool:
    return isinstance(outcome, Refused) and outcome.status in OVERTAKEN


async def stubborn(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again while the platform says that it cannot just now. Raises what it says otherwise, and after a while."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await attempt()
        except Refused as problem:
            passing = problem.status in PASSING or problem.kind == "in-flight"
            if not passing or monotonic() > deadline:
                raise
        except httpx2.TransportError:
            if monotonic() > deadline:
                raise
        await asyncio.sleep(LOOK_EVERY_SECONDS)
