"""People who go on working whatever breaks: they ask again, look at what became of it, and go on from there."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import uuid4

import httpx2

from kfi_stack.demo.person import Answer, Json, Person, Refused
from kfi_stack.demo.story import APPLICATIONS

from .bus import LOOK_EVERY_SECONDS, PATIENCE_SECONDS
from .cases import application, grant
from .office import Case, Office

AT_ONCE, AT_LEAST = 4, 12
PASSING = {502, 503, 504}
"""What the gateway answers while a service is gone; the same request may be sent again."""
OVERTAKEN = {409, 412}
"""The case is no longer as it was seen, most likely by this very request before its answer got lost."""


class Load:
    """Files applications and brings each to its decision, for as long as the block runs; then finishes those begun."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._ending = False
        self._workers: list[asyncio.Task[None]] = []
        self.title = f"Unter Last {uuid4()}"
        self.cases: list[Case] = []

    async def __aenter__(self) -> Self:
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
        if error is None:
            assert [outcome for outcome in outcomes if outcome is not None] == []

    async def _work(self) -> None:
        while not self._ending or len(self.cases) < AT_LEAST:
            case = await self._filed()
            self.cases.append(case)
            while await self._goes_on(case):
                pass

    async def _filed(self) -> Case:
        body, key = application(self.title), str(uuid4())
        answer = await stubborn(lambda: self._office.people.applicant.create(APPLICATIONS, body, key=key))
        return Case(str(answer.document["id"]), str(answer.document["file_number"]), answer.etag, body)

    async def _goes_on(self, case: Case) -> bool:
        """Looks at the case and does what is to be done next; false once it is decided and remedies are waived."""
        seen = await stubborn(lambda: self._office.people.caseworker.get(case.path))
        case.etag = seen.etag
        step = await self._next(case, seen.document)
        if step is None:
            return False
        person, action, body = step
        try:
            await stubborn(lambda: self._office.act(person, case, action, body))
        except Refused as problem:
            if problem.status not in OVERTAKEN:
                raise
        return True

    async def _next(self, case: Case, document: Json) -> tuple[Person, str, Json | None] | None:
        people = self._office.people
        if document["state"] == "second-check":
            letter = await stubborn(lambda: people.signatory.get(f"{case.path}/letter-content"))
            return people.signatory, "signature", {"digest": letter.document["digest"]}
        if document["decision"] is not None and document["remedies"]["waived_on"] is None:
            return people.applicant, "waiver", None
        steps: dict[str, tuple[Person, str, Json | None]] = {
            "received": (people.caseworker, "formal-check", None),
            "formal-check": (people.caseworker, "substance-check", None),
            "substance-check": (people.caseworker, "proposal", grant()),
            "proposed": (people.budget_officer, "reservation", None),
            "funds-reserved": (people.signatory, "second-check", None),
        }
        return steps.get(document["state"])


async def stubborn(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again while the platform says that it cannot just now. Raises what it says otherwise, and after a while."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await attempt()
        except Refused as problem:
            if problem.status not in PASSING or monotonic() > deadline:
                raise
        except httpx2.TransportError:
            if monotonic() > deadline:
                raise
        await asyncio.sleep(LOOK_EVERY_SECONDS)
