"""An organisation never sees, lists, searches, fetches, changes or learns of another one's case, letter, file, message.

Every route that applicants are let in to is asked for what belongs to another organisation and for what does not
exist; the two answers are the same, and nothing has changed. Routes come from the services, so a new one is asked too.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from tests.harness.fuzz_requests import FILES, SOUND, drawn_cases

from kfi_chassis.migrate import upgrade

from .doors import Route, Told, application_of, services, tried
from .house import House

pytestmark = pytest.mark.servers
ORGANISATIONS = 3
RUNS, STEPS = 6, 12
BODIES = 2
"""Drawn by the schema for each route, right ones and as many wrong ones; beside them what the rules let pass."""
NOT_THE_SAME = {"x-correlation-id", "date"}
OF_EVERYBODY = {
    "/allocation/v1/certificate-key", "/allocation/v1/openapi.json", "/allocation/v1/runs/{run_id}/certificate",
}  # fmt: skip
"""Published: whoever is signed in may check a plan. Of allocation there is nothing else for organisations."""
LISTS_OF_ALL = {"/applications/v1/calls", "/applications/v1/openapi.json", "/notifications/v1/openapi.json"}
"""What is the same for everybody."""


@dataclass(frozen=True)
class Asked:
    """A request to a route, but for the ids in its address."""

    route: Route
    parameters: tuple[str, ...]
    body: Any
    raw: bytes | None
    headers: dict[str, str]


def open_to_applicants() -> dict[Route, Told]:
    answers = {route: told["applicant"] for route, told in tried().items()}
    own = {route for route in answers if route.path.startswith(f"/{route.service}/") and route.path not in OF_EVERYBODY}
    return {route: answers[route] for route in own if answers[route] in {Told.LET_IN, Told.NOTHING_HERE}}


@pytest.fixture(scope="module")
def requests() -> list[Asked]:
    """Some requests for each route with an id in its address."""
    wanted = open_to_applicants()
    assert {route.service for route in wanted} <= set(House.services), "a service that is not in the house yet"
    made: list[Asked] = []
    for service in services().values():
        schema = schemathesis.openapi.from_dict(application_of(service).openapi())
        for operation in (found.ok() for found in schema.get_all_operations()):
            routes = [one for one in wanted if (one.path, one.method) == (operation.path, operation.method.upper())]
            made += [asked for route in routes for asked in _requests(route, operation)]
    return made


def _requests(route: Route, operation: Any) -> Iterator[Asked]:
    parameters = tuple(part[1:-1] for part in route.path.split("/") if part.startswith("{"))
    if not parameters:
        return
    if route.operation in FILES:
        for media_type, name, content in FILES[route.operation]:
            named = {"Content-Type": media_type, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
            yield Asked(route, parameters, None, content, named)
        return
    bodies = [make() for make in SOUND.get(route.operation, ())]
    bodies += [case.body for case in drawn_cases(operation, 1, BODIES) if isinstance(case.body, dict | list)]
    for body in bodies or [None]:
        yield Asked(route, parameters, body, None, {})


@pytest.fixture
def house(fresh_database: Any, tmp_path: Path) -> Iterator[tuple[House, asyncio.Runner]]:
    with asyncio.Runner() as runner:
        urls = {
            name: fresh_database(name, partial(upgrade, f"kfi_{name}.migrations")).runtime_url
            for name in House.services
        }
        opened = runner.run(House.opened(tmp_path, urls))
        yield opened, runner
        runner.run(opened.closed())


class Organisations(RuleBasedStateMachine):
    """Some organisations at work, each of them curious about the others."""

    house: House
    runner: asyncio.Runner
    requests: list[Asked]
    lists: list[str]
    asked: set[tuple[Route, int]]

    @initialize()
    def begin(self) -> None:
        self.names = [f"organisation-{uuid4().hex[:8]}" for _ in range(ORGANISATIONS)]
        self.things: dict[str, dict[str, list[str]]] = {name: {} for name in self.names}
        self.open: dict[str, list[str]] = {name: [] for name in self.names}
        self.consents = dict.fromkeys(self.names, False)
        for name in self.names:
            self._filed(name)

    def _filed(self, name: str) -> None:
        case = self._run(self.house.filed(name))
        self._add(name, "application_id", case)
        self.open[name].append(case)

    @rule(who=st.integers(0, ORGANISATIONS - 1))
    def files(self, who: int) -> None:
        self._filed(self.names[who])

    @rule(who=st.integers(0, ORGANISATIONS - 1))
    def adds_a_file(self, who: int) -> None:
        name = self.names[who]
        if self.open[name]:
            self._add(name, "attachment_id", self._run(self.house.attached(name, self.open[name][-1])))

    @rule(who=st.integers(0, ORGANISATIONS - 1))
    def wants_its_inbox_or_not(self, who: int) -> None:
        name = self.names[who]
        self.consents[name] = not self.consents[name]
        self._run(self.house.consented(name, given=self.consents[name]))

    @precondition(lambda self: any(self.open.values()))
    @rule()
    def is_decided(self) -> None:
        self.is_decided_for(next(name for name in self.names if self.open[name]))

    def is_decided_for(self, name: str) -> None:
        letter = self._run(self.house.decided(self.open[name].pop()))
        self._add(name, "notification_id", letter)
        if self.consents[name]:
            self._add(name, "message_id", letter)

    @rule(data=st.data(), who=st.integers(0, ORGANISATIONS - 1), other=st.integers(1, ORGANISATIONS - 1))
    def asks_for_what_is_not_its_own(self, data: st.DataObject, who: int, other: int) -> None:
        for asked in data.draw(st.permutations(self.requests))[:8]:
            self.learns_nothing(asked, self.names[who], self.names[(who + other) % ORGANISATIONS])

    @rule(who=st.integers(0, ORGANISATIONS - 1))
    def lists_what_it_may(self, who: int) -> None:
        self._run(self._lists(self.names[who]))

    @rule(who=st.integers(0, ORGANISATIONS - 1), other=st.integers(1, ORGANISATIONS - 1))
    def repeats_the_key_of_another(self, who: int, other: int) -> None:
        key, name = str(uuid4()), self.names[who]
        foreign = self.names[(who + other) % ORGANISATIONS]
        theirs = self._run(self.house.filed(foreign, key=key))
        own = self._run(self.house.filed(name, key=key))
        assert own != theirs
        self._add(foreign, "application_id", theirs)
        self._add(name, "application_id", own)

    def learns_nothing(self, asked: Asked, who: str, other: str) -> None:
        """The answer about a thing of the other is that about a thing nobody has; and the thing is as it was."""
        for place, parameter in enumerate(asked.parameters):
            for foreign in self.things[other].get(parameter, [])[-1:]:
                before = self._run(self._state_of(foreign))
                answers = [self._run(self._asked(asked, who, place, number)) for number in (foreign, str(uuid4()))]
                assert answers[0] == answers[1], asked
                assert answers[0][0] >= 400, asked
                assert self._run(self._state_of(foreign)) == before, asked
                self.asked.add((asked.route, place))

    async def _asked(self, asked: Asked, who: str, place: int, number: str) -> tuple[Any, ...]:
        ids = {name: self._own(who, name) for name in asked.parameters}
        ids[asked.parameters[place]] = number
        answer = await self.house.ask(
            asked.route.method, asked.route.path.format_map(ids), f"applicant@{who}", body=asked.body, raw=asked.raw,
            **{"If_Match": '"1"', "Idempotency_Key": f"key-of-{asked.route.operation}", **asked.headers},
        )  # fmt: skip
        headers = {name: value for name, value in answer.headers.items() if name not in NOT_THE_SAME}
        document = answer.json()
        document.pop("correlation_id", None)
        assert number not in answer.text
        return answer.status_code, document, headers

    def _own(self, who: str, parameter: str) -> str:
        return next(iter(self.things[who].get(parameter, [])), "00000000-0000-4000-8000-000000000000")

    async def _lists(self, name: str) -> None:
        foreign = {
            number for other in self.names if other != name
            for numbers in self.things[other].values() for number in numbers
        }  # fmt: skip
        own = self.things[name]
        for route in self.lists:
            seen = await self._whole(route, name)
            assert not {number for number in foreign if number in seen}, route
            assert not [other for other in self.names if other != name and other in seen], route
        for number in own["application_id"]:
            assert number in await self._whole("/applications/v1/applications", name)
        for number in own.get("message_id", []):
            assert number in await self._whole("/notifications/v1/inbox", name)

    async def _whole(self, address: str, name: str) -> str:
        """All pages of a list, as text."""
        told, cursor = "", ""
        while cursor is not None:
            query = f"?limit=2{cursor and f'&cursor={cursor}'}" if cursor is not None else ""
            answer = await self.house.ask("GET", address + query, f"applicant@{name}")
            told += answer.text
            document = answer.json()
            cursor = document.get("next") if isinstance(document, dict) else None
        return told

    async def _state_of(self, number: str) -> list[Any]:
        query = """
            SELECT action, version FROM audit
            WHERE aggregate_id::text = :number OR details->>'attachment_id' = :number ORDER BY position
        """
        return [tuple(row) for name in House.services for row in await self.house.rows(name, query, number=number)]

    def _add(self, name: str, parameter: str, number: str) -> None:
        self.things[name].setdefault(parameter, []).append(number)

    def _run(self, doing: Any) -> Any:
        return self.runner.run(doing)


def lists_of_applicants() -> list[str]:
    """Addresses without an id that applicants read."""
    told = open_to_applicants()
    lists = (route.path for route in told if route.method == "GET" and "{" not in route.path)
    return sorted(set(lists) - LISTS_OF_ALL)


def test_no_organisation_learns_of_another_ones_things(
    house: tuple[House, asyncio.Runner], requests: list[Asked]
) -> None:
    known = {"house": house[0], "runner": house[1], "requests": requests, "lists": lists_of_applicants()}
    machine = type("OrganisationsOfThisTest", (Organisations,), {**known, "asked": set()})
    chosen = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)
    everything_is_asked_for(machine())


def everything_is_asked_for(machine: Organisations) -> None:
    """Once more, every route about every thing: no chance decides whether a route was asked at all."""
    machine.begin()
    who, other = machine.names[:2]
    machine.wants_its_inbox_or_not(1)
    machine.adds_a_file(0)
    machine.adds_a_file(1)
    machine.is_decided_for(other)
    machine._filed(other)
    for asked in machine.requests:
        machine.learns_nothing(asked, who, other)
    wanted = {(asked.route, place) for asked in machine.requests for place in range(len(asked.parameters))}
    left = {f"{route}: a thing of its parameter {place + 1} is missing here" for route, place in wanted - machine.asked}
    assert left == set()
