"""The pull feed: nobody misses an event, nobody sees another town's, and the snapshot fits what follows it."""

import asyncio
import json
import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from services.allocation.tests.doors.told import (
    DAY,
    DORTMUND,
    MUENSTER,
    Reader,
    hear,
    hear_again,
    positioned,
    proposed,
    revised,
)
from sqlalchemy import text

from kfi_allocation.domain.doors.cursor import Cursor
from kfi_allocation.domain.doors.town_state import TownHousehold, after
from kfi_allocation.use_cases.tell_towns import tell_of_account
from kfi_chassis.consumer import Unprocessable
from kfi_contracts import allocation as said
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.municipality import TownTestEvent, municipal_event_for

pytestmark = pytest.mark.servers


def told(answer: Any, status: int, slug: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem


async def test_two_transactions_that_commit_in_reverse_order_leave_nothing_unread(desk: Any) -> None:
    town = Reader(desk, "muenster", MUENSTER)
    slow, quick = asyncio.Event(), asyncio.Event()
    first, second = uuid4(), uuid4()

    async def slowly(work: Any) -> None:
        await work.feeds.tell(TownTestEvent(ags=MUENSTER, test_id=first))
        quick.set()
        await slow.wait()

    async def quickly(work: Any) -> None:
        await work.feeds.tell(TownTestEvent(ags=MUENSTER, test_id=second))

    began_first = asyncio.create_task(desk.run(slowly))
    await quick.wait()
    await desk.run(quickly)
    assert await positioned(desk) == 1
    assert [each["data"]["test_id"] for each in await town.read()] == [str(second)]
    slow.set()
    await began_first
    assert await positioned(desk) == 1
    assert [each["data"]["test_id"] for each in await town.read()] == [str(first)]
    assert [each["sequence"] for each in town.events] == ["0000000001", "0000000002"]


async def test_two_writers_at_once_give_no_position_twice(desk: Any) -> None:
    await hear(desk, *(proposed() for _ in range(20)))
    await asyncio.gather(*(positioned(desk) for _ in range(5)))
    while await positioned(desk):
        pass
    rows = await desk.rows("SELECT position FROM feed_entry ORDER BY number")
    assert [row.position for row in rows] == list(range(1, 21))


async def test_the_same_cause_heard_twice_tells_a_town_once(desk: Any) -> None:
    event, event_id = proposed(), uuid4()
    await hear_again(desk, event, event_id)
    await hear_again(desk, event, event_id)
    assert await positioned(desk) == 1


async def test_the_old_town_hears_of_the_withdrawal_and_never_where_the_household_goes(desk: Any) -> None:
    household = uuid4()
    await hear(desk, proposed(MUENSTER, household), revised(household, MUENSTER, DORTMUND))
    await positioned(desk)
    old, new = Reader(desk, "muenster", MUENSTER), Reader(desk, "dortmund", DORTMUND)
    assert [each["type"].split(".")[-2] for each in await old.read()] == ["placement-proposed", "placement-withdrawn"]
    assert [each["type"].split(".")[-2] for each in await new.read()] == ["placement-proposed"]
    assert DORTMUND not in json.dumps(old.events)
    assert MUENSTER not in json.dumps(new.events)


async def test_what_follows_from_nothing_told_is_left_to_a_person(desk: Any) -> None:
    with pytest.raises(Unprocessable):
        await hear(desk, revised(uuid4(), MUENSTER, DORTMUND))


async def test_an_event_of_the_feed_is_a_cloudevent_of_the_published_language(desk: Any) -> None:
    household = uuid4()
    await hear(desk, proposed(MUENSTER, household))
    await positioned(desk)
    answer = await desk.get("muenster", f"/municipalities/{MUENSTER}/feed")
    assert answer.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert 'rel="next"' in answer.headers["Link"]
    envelope = CloudEvent.from_structured(json.dumps(answer.json()[0]).encode())
    assert (envelope.subject, envelope.sequence) == (MUENSTER, 1)
    model = municipal_event_for(envelope.type)
    assert model is not None
    assert model.read(envelope.data).household_id == household  # type: ignore[attr-defined]


async def test_pages_follow_one_another_without_a_gap(desk: Any) -> None:
    town = Reader(desk, "muenster", MUENSTER)
    await hear(desk, *(proposed() for _ in range(5)))
    await positioned(desk)
    while await town.read(limit=2):
        pass
    assert [int(each["sequence"]) for each in town.events] == [1, 2, 3, 4, 5]


async def test_a_long_poll_is_answered_as_soon_as_something_happens(desk: Any) -> None:
    town = Reader(desk, "muenster", MUENSTER)
    await town.read()
    began = time.monotonic()
    waiting = asyncio.create_task(town.read(wait=10))
    await asyncio.sleep(0)
    await hear(desk, proposed(DORTMUND), proposed(MUENSTER))
    await positioned(desk)
    assert len(await waiting) == 1
    assert time.monotonic() - began < 5


async def test_those_who_wait_hold_no_connection(desk: Any) -> None:
    readers = [Reader(desk, "muenster", MUENSTER) for _ in range(30)]  # more than there are connections
    for each in readers:
        each.cursor = str(Cursor(MUENSTER, 1, 0))
    waiting = [asyncio.create_task(each.read(wait=10)) for each in readers]
    await hear(desk, proposed())
    await positioned(desk)
    assert [len(events) for events in await asyncio.gather(*waiting)] == [1] * 30


async def test_a_wait_that_brings_nothing_ends_and_leaves_the_cursor(desk: Any) -> None:
    town = Reader(desk, "muenster", MUENSTER)
    await town.read()
    before = town.cursor
    assert await town.read(wait=1) == []
    assert town.cursor == before


async def test_a_cursor_older_than_what_is_kept_gets_the_address_of_the_snapshot(desk: Any) -> None:
    await hear(desk, proposed(), proposed(), proposed())
    await positioned(desk)
    await desk.run(_age_the_first_two)
    await desk.run(lambda work: work.feeds.drop_before(datetime(2026, 3, 1, tzinfo=UTC)))
    answer = await desk.get("muenster", f"/municipalities/{MUENSTER}/feed", after=str(Cursor(MUENSTER, 1, 1)))
    told(answer, 410, "feed-cursor-ended")
    assert f"/allocation/v1/municipalities/{MUENSTER}/feed/snapshot" in answer.headers["Link"]
    town = Reader(desk, "muenster", MUENSTER)
    assert len((await town.begin())["households"]) == 3
    town.cursor = str(Cursor(MUENSTER, 1, 2))
    assert [int(each["sequence"]) for each in await town.read()] == [3]


async def _age_the_first_two(work: Any) -> None:
    await work.connection.execute(
        text("UPDATE feed_entry SET occurred_at = occurred_at - interval '100 days' WHERE position < 3")
    )


async def test_after_a_restore_every_cursor_ends(desk: Any) -> None:
    town = Reader(desk, "muenster", MUENSTER)
    await hear(desk, proposed())
    await positioned(desk)
    await town.read()
    await desk.run(lambda work: work.feeds.renew())
    told(await desk.get("muenster", f"/municipalities/{MUENSTER}/feed", after=town.cursor), 410, "feed-cursor-ended")
    await town.begin()
    assert await town.read() == []


async def test_a_cursor_ahead_of_the_feed_has_ended_and_another_text_is_no_cursor(desk: Any) -> None:
    path = f"/municipalities/{MUENSTER}/feed"
    told(await desk.get("muenster", path, after=str(Cursor(MUENSTER, 1, 7))), 410, "feed-cursor-ended")
    for cursor in (str(Cursor(DORTMUND, 1, 0)), "GEHEIM", "x" * 300):
        answer = await desk.get("muenster", path, after=cursor)
        told(answer, 422, "invalid-input")
        assert cursor not in answer.text


async def test_a_snapshot_and_what_follows_it_are_the_state(desk: Any) -> None:
    households = [uuid4() for _ in range(4)]
    await hear(desk, *(proposed(MUENSTER, each) for each in households))
    await positioned(desk)
    town = Reader(desk, "muenster", MUENSTER)
    state = {each["household_id"]: _household(each) for each in (await town.begin())["households"]}
    await hear(
        desk,
        said.AllocationObjected(
            household_id=households[0], ags=MUENSTER, reason=said.ObjectionReason.OTHER, objected_on=DAY
        ),
        revised(households[0], MUENSTER, DORTMUND),
        said.HouseholdAmended(household_id=households[1], persons=5, arrival_on=date(2026, 4, 2)),
        said.PlacementAgreed(household_id=households[1], ags=MUENSTER, agreed_on=DAY),
        said.ArrivalConfirmed(household_id=households[1], ags=MUENSTER, persons=5, arrived_on=DAY),
        said.HouseholdCancelled(household_id=households[2], ags=MUENSTER, cancelled_on=DAY),
    )
    await positioned(desk)
    for each in await town.read():
        event = municipal_event_for(each["type"]).read(json.dumps(each["data"]).encode())  # type: ignore[union-attr]
        household = each["data"]["household_id"]
        state[household] = after(state.get(household), event)
    later = (await town.begin())["households"]
    assert {each["household_id"]: _household(each) for each in later} == {k: v for k, v in state.items() if v}
    assert {each["household_id"] for each in later} == {str(each) for each in (households[1], households[3])}


def _household(view: dict[str, Any]) -> TownHousehold:
    known = {name: value for name, value in view.items() if name != "dataref"}
    return TypeAdapter(TownHousehold).validate_python(known)


async def test_a_published_account_is_told_to_every_town_of_the_state(desk: Any) -> None:
    published = said.QuotaPublished(
        publication_id=uuid4(), as_of=DAY, policy_version="population-2026", digest="0" * 64
    )
    await desk.consume(tell_of_account, published)
    assert await positioned(desk) == 396
    (event,) = await Reader(desk, "dortmund", DORTMUND).read()
    assert event["data"]["dataref"] == f"/allocation/v1/municipalities/{DORTMUND}/account"


async def test_a_test_event_comes_once_however_often_it_is_asked_for_with_one_key(desk: Any) -> None:
    path, key = f"/municipalities/{MUENSTER}/feed/test-events", {"Idempotency-Key": "the-same-key"}
    first, again = [await desk.post("muenster", path, **key) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, again.json())
    await positioned(desk)
    (event,) = await Reader(desk, "muenster", MUENSTER).read()
    assert event["data"] == {"ags": MUENSTER, "test_id": first.json()["test_id"]}


@pytest.mark.parametrize("rest", ["", "/snapshot"])
async def test_a_town_stands_only_at_its_own_door(desk: Any, rest: str) -> None:
    told(await desk.get("dortmund", f"/municipalities/{MUENSTER}/feed{rest}"), 404, "not-found")
    told(await desk.get("caseworker", f"/municipalities/{MUENSTER}/feed{rest}"), 403, "forbidden")
    assert (await desk.get("planner", f"/municipalities/{MUENSTER}/feed{rest}")).status_code == 200
    told(await desk.post("dortmund", f"/municipalities/{MUENSTER}/feed/test-events"), 404, "not-found")
    told(await desk.post("planner", f"/municipalities/{MUENSTER}/feed/test-events"), 403, "forbidden")


async def test_a_town_is_told_what_became_of_its_stop_and_the_snapshot_shows_what_it_stated(desk: Any) -> None:
    home = f"/municipalities/{MUENSTER}"
    body = {"first_day": "2026-03-10", "last_day": "2026-04-30", "reason": "housing"}
    stop = (await desk.post("muenster", f"{home}/stops", body)).json()["id"]
    capacity = {"persons": 40, "valid_from": "2026-03-09"}
    assert (await desk.post("muenster", f"{home}/capacities", capacity)).status_code == 201
    await desk.done("planner", f"{home}/stops/{stop}", "approval")
    await positioned(desk)
    (event,) = await Reader(desk, "muenster", MUENSTER).read()
    assert (event["type"].split(".")[-2], event["data"]["outcome"]) == ("stop-decided", "approved")
    shown = await Reader(desk, "muenster", MUENSTER).begin()
    assert [(each["persons"], each["valid_from"]) for each in shown["capacities"]] == [(40, "2026-03-09")]
    assert [(each["id"], each["state"]) for each in shown["stops"]] == [(stop, "approved")]
    assert (shown["flats"], shown["care"], shown["account"]) == ([], [], None)
    theirs = await Reader(desk, "dortmund", DORTMUND).begin()
    assert (theirs["capacities"], theirs["stops"]) == ([], [])
