"""A town never sees, lists, changes or learns of what is another town's: every route that lets towns in is tried.

Routes come from the service, so a new one is tried too. What is asked for is another town's door, and another town's
thing behind the own door; the answer is the one about a town or a thing that does not exist, and nothing has changed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from services.allocation.tests.service.test_outlook import in_force, waiting
from tests.harness.databases import state_of
from tests.harness.fuzz_requests import drawn_cases
from tests.rights.doors import Route, routes_of

from kfi_allocation.domain.placement import Placement
from kfi_allocation.use_cases.compute_outlook import compute_when_changed
from kfi_allocation.work import AllocationWork

pytestmark = pytest.mark.servers
TODAY = date(2026, 3, 9)
TOWNS = {"muenster": "05515000", "dortmund": "05913000"}
NO_TOWN = "05999999"
DOCUMENT = Path(__file__).parents[2] / "openapi.json"
BODIES = 2
OF_ALL_TOWNS = {"run_id", "publication_id", "version", "series_id", "slot"}
"""Parameters of what is nobody's own: what a town may see of it is its part alone; a slot is one of each own door."""
NOT_THE_SAME = {"x-correlation-id", "date"}
OFFERS: dict[str, tuple[str, dict[str, Any]]] = {
    "flat_id": ("flats", {"persons": 4, "square_metres": 80, "barrier_free": True, "free_from": "2026-03-20"}),
    "offer_id": ("care-offers", {"offers": "specialist_medicine", "first_day": "2026-03-10"}),
    "stop_id": ("stops", {"first_day": "2026-03-10", "last_day": "2026-04-10", "reason": "housing"}),
    "webhook_id": ("webhooks", {"url": "https://town.example/hook", "contact": "it@town.example"}),
}
"""What each town makes of its own, by the parameter that names it in an address."""
CAPACITY = {"persons": 17, "valid_from": "2026-03-10"}


@dataclass(frozen=True)
class Asked:
    """A request to a route, but for the ids in its address."""

    route: Route
    parameters: tuple[str, ...]
    body: Any


@dataclass
class House:
    """The service with two towns that have something of everything."""

    desk: Any
    things: dict[str, dict[str, str]] = field(default_factory=lambda: {town: {} for town in TOWNS})

    async def ask(self, asked: Asked, who: str, **named: str) -> tuple[int, Any, dict[str, str]]:
        """One request; what names nothing is a number nobody has."""
        ids = {name: named.get(name, str(uuid4())) for name in asked.parameters}
        headers = {
            "Authorization": f"Bearer {who}", "If-Match": '"1"', "Idempotency-Key": f"of-{asked.route.operation}",
            "Content-Type": "application/json",
        }  # fmt: skip
        content = None if asked.body is None else json.dumps(asked.body).encode()
        path = asked.route.path.format_map(ids)
        answer = await self.desk.client.request(asked.route.method, path, headers=headers, content=content)
        kept = {name: value for name, value in answer.headers.items() if name not in NOT_THE_SAME}
        text = answer.text
        for name, value in ids.items():
            text = text.replace(value, f"<{name}>")
        document = json.loads(text) if text.startswith("{") else text
        if isinstance(document, dict):
            document.pop("correlation_id", None)
        return answer.status_code, document, {name: value for name, value in kept.items() if name != "content-length"}


@cache
def bodies() -> dict[tuple[str, str], list[Any]]:
    """Some bodies for each operation that takes one; drawing them takes longer than asking."""
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text("utf-8")))
    operations = [found.ok() for found in schema.get_all_operations()]
    return {
        (one.path, one.method.upper()): [
            case.body for case in drawn_cases(one, 1, BODIES) if isinstance(case.body, dict)
        ]
        for one in operations
        if one.body
    }


def requests(api: Any) -> Iterator[Asked]:
    """Some requests for each route with an id in its address."""
    for route in routes_of("allocation", api):
        if route.path.startswith("/allocation/v1/"):
            parameters = tuple(part[1:-1] for part in route.path.split("/") if part.startswith("{"))
            some = bodies().get((route.path, route.method)) or [None]
            yield from (Asked(route, parameters, body) for body in some)


@pytest.fixture
async def house(desk: Any) -> House:
    await in_force(desk)
    found = House(desk)
    for town, ags in TOWNS.items():
        for parameter, (room, body) in OFFERS.items():
            made = await desk.post(town, f"/municipalities/{ags}/{room}", body)
            if made.status_code != 404:
                assert made.is_success, made.text
                found.things[town][parameter] = made.json()["id"]
        assert (await desk.post(town, f"/municipalities/{ags}/capacities", CAPACITY)).is_success
        found.things[town]["household_id"] = str(await proposed(desk, ags))
    await compute_when_changed(desk.transactions)
    return found


async def proposed(desk: Any, ags: str) -> Any:
    """A household that is meant for the town."""
    household_id = await waiting(desk)

    async def name(work: AllocationWork) -> None:
        placement: Placement = await work.placements.get_to_change(household_id)
        placement.propose(uuid4(), ags, object_until=TODAY + timedelta(days=7), on=TODAY)
        await work.placements.save(placement)

    await desk.run(name)
    return household_id


async def open_to_towns(house: House, api: Any) -> list[Asked]:
    """The requests that a town is not refused at its own door."""
    every = list(requests(api))
    answers = {one.route: await house.ask(one, "muenster", ags=TOWNS["muenster"]) for one in every}
    return [one for one in every if answers[one.route][0] not in {401, 403}]


async def test_a_town_learns_nothing_at_another_towns_door(house: House, api: Any, settings: Any) -> None:
    wanted = [one for one in await open_to_towns(house, api) if "ags" in one.parameters]
    assert len({one.route for one in wanted}) >= 20
    other, before = TOWNS["dortmund"], await state_of(settings.database_url)
    for asked in wanted:
        told = await house.ask(asked, "muenster", ags=other, **house.things["dortmund"])
        assert told == await house.ask(asked, "muenster", ags=NO_TOWN, **house.things["dortmund"]), asked
        assert told[0] in {404, 422}, asked
    assert await state_of(settings.database_url) == before


async def test_a_town_learns_nothing_of_another_towns_things_behind_its_own_door(
    house: House, api: Any, settings: Any
) -> None:
    wanted = [one for one in await open_to_towns(house, api) if set(one.parameters) - {"ags"} - OF_ALL_TOWNS]
    unknown = {name for one in wanted for name in one.parameters} - {"ags", *OF_ALL_TOWNS, *house.things["dortmund"]}
    assert unknown == set(), "a thing of a town that is missing here"
    before = await state_of(settings.database_url)
    for asked in wanted:
        told = await house.ask(asked, "muenster", ags=TOWNS["muenster"], **house.things["dortmund"])
        assert told == await house.ask(asked, "muenster", ags=TOWNS["muenster"]), asked
        assert told[0] >= 400, asked
    assert await state_of(settings.database_url) == before


async def test_no_list_of_a_town_names_another_ones_things(house: House, api: Any) -> None:
    foreign = {*house.things["dortmund"].values(), TOWNS["dortmund"]}
    own = set(house.things["muenster"].values())
    seen: set[str] = set()
    for asked in await open_to_towns(house, api):
        if asked.route.method == "GET" and not set(asked.parameters) - {"ags"} and "account" not in asked.route.path:
            _, told, _ = await house.ask(asked, "muenster", ags=TOWNS["muenster"])
            text = json.dumps(told)
            assert not {one for one in foreign if one in text}, asked
            seen |= {one for one in own if one in text}
    assert seen == own
