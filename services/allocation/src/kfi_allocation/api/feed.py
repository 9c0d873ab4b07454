"""The pull feed of a town: its events in order, by cursor, with a long poll."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict

from kfi_allocation.api.town_doors import LOOKERS, TOWN, Ags, at_own_door
from kfi_allocation.domain.doors.cursor import Cursor, NotACursor
from kfi_allocation.doors.feed import Entry, Feed
from kfi_allocation.doors.watching import FeedWatch
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, edge
from kfi_chassis.problem import define
from kfi_chassis.problems import FieldError, InvalidInput, Problem, documents
from kfi_contracts.municipality import TownTestEvent

router = APIRouter(prefix="/municipalities/{ags}/feed", tags=["feed"])
Reading = Annotated[Edge[AllocationWork], edge(TOWN, *LOOKERS)]
Testing = Annotated[Edge[AllocationWork], edge(TOWN)]

BATCH_TYPE: Final = "application/cloudevents-batch+json"
NEXT: Final = "Feed-Cursor"
LONGEST_WAIT: Final = 10
_MOST: Final = 500
_PAUSE: Final = 0.05

CURSOR_ENDED: Final = define(
    "feed-cursor-ended", 410, "The cursor has ended",
    "What follows this cursor is no longer kept, or the feed was brought back from a backup.",
    "Get the snapshot at the address in the header Link, and go on with its cursor.",
)  # fmt: skip


class TestView(BaseModel):
    """A test event that was asked for."""

    model_config = ConfigDict(frozen=True)

    test_id: UUID


@router.get("", response_class=Response, responses={200: {"content": {BATCH_TYPE: {}}}})
@documents(CURSOR_ENDED)
async def get_feed(
    ags: Ags,
    door: Reading,
    after: Annotated[str | None, Query(max_length=200, description="The cursor of the last answer.")] = None,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for news.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Response:
    """The events that follow a cursor; without one, from the oldest that is kept. An empty answer is no end.

    The header Feed-Cursor, and Link with rel="next", tell where to go on.
    """
    at_own_door(door, ags)
    cursor, until = _cursor(ags, after), time.monotonic() + wait
    while True:
        feed, entries = await door.read(lambda work: _page(ags, cursor, limit, work))
        left = until - time.monotonic()
        if entries or left <= 0:
            return _answer(feed, cursor, entries)
        await _watch(door).wait(ags, feed.last_position, left)
        await asyncio.sleep(_PAUSE)  # an outage ends the wait at once, and must not be asked about in a circle


@router.post("/test-events", status_code=status.HTTP_201_CREATED)
async def post_test_event(ags: Ags, once: Idempotent, door: Testing) -> TestView:
    """Ask for a test event; it comes through every door of the town and means nothing."""
    at_own_door(door, ags)

    async def tell(work: AllocationWork) -> UUID:
        test_id = uuid4()
        await work.feeds.tell(TownTestEvent(ags=ags, test_id=test_id))
        return test_id

    async def show(test_id: UUID, _work: AllocationWork) -> TestView:
        return TestView(test_id=test_id)

    return await door.create(once, tell, show)


async def _page(ags: str, cursor: Cursor | None, limit: int, work: AllocationWork) -> tuple[Feed, Sequence[Entry]]:
    feed = await work.feeds.of(ags)
    position = feed.first_position - 1 if cursor is None else cursor.position
    if not feed.holds_what_follows(position) or (cursor is not None and cursor.generation != feed.generation):
        raise _ended(ags)
    return feed, await work.feeds.after(ags, position, rows=limit)


def _answer(feed: Feed, cursor: Cursor | None, entries: Sequence[Entry]) -> Response:
    before = feed.first_position - 1 if cursor is None else cursor.position
    reached = str(Cursor(feed.ags, feed.generation, entries[-1].position if entries else before))
    address = f"/allocation/v1/municipalities/{feed.ags}/feed?after={reached}"
    headers = {NEXT: reached, "Link": f'<{address}>; rel="next"', "Cache-Control": "no-store"}
    body = b"[" + b",".join(entry.envelope().to_structured() for entry in entries) + b"]"
    return Response(body, media_type=BATCH_TYPE, headers=headers)


def _cursor(ags: str, after: str | None) -> Cursor | None:
    try:
        return None if after is None else Cursor.read(after, ags=ags)
    except NotACursor:
        error = FieldError("query:after", "not_a_cursor", "Send the Feed-Cursor of the answer before, or none.")
        raise InvalidInput(errors=[error]) from None


def _ended(ags: str) -> Problem:
    link = f'</allocation/v1/municipalities/{ags}/feed/snapshot>; rel="alternate"'
    return Problem(kind=CURSOR_ENDED, headers={"Link": link})


def _watch(door: Edge[Any]) -> FeedWatch:
    """The watch of this process."""
    state = door.request.app.state
    watch = getattr(state, "feed_watch", None)
    if watch is None or watch.transactions is not door.transactions:
        watch = state.feed_watch = FeedWatch(door.transactions)
    return watch
