"""The one writer of the feeds: gives positions in the order of commits, and keeps what a snapshot shows.

A reader can therefore never miss an event: whatever commits later gets a later position, and a position is seen only
together with all before it. What it gives a position to, it also hands to the town's topic, in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, bindparam, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.doors.town_state import TownHousehold, after, household_of
from kfi_allocation.door_tables import FEED, FEED_ENTRY, TOWN_HOUSEHOLD
from kfi_allocation.doors.feed import Entry, Feed
from kfi_chassis.work import Work

BATCH: Final = 500
_LOCK: Final = 0x6B66692D66656564  # "kfi-feed": each service has its own database, so one number serves all
_FACTS: Final = TypeAdapter(TownHousehold)
_LOCKED: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")
_Place = tuple[str, UUID]


async def give_positions(work: Work) -> Sequence[Entry]:
    """Position the next entries of all feeds; nothing while another writer is at it. Returns what was positioned."""
    if not (await work.connection.execute(_LOCKED, {"lock": _LOCK})).scalar_one():
        return []
    waiting = select(FEED_ENTRY).where(FEED_ENTRY.c.position.is_(None)).order_by(FEED_ENTRY.c.number).limit(BATCH)
    rows = (await work.connection.execute(waiting)).all()
    if not rows:
        return []
    feeds = await hold_feeds(work, {row.ags for row in rows})
    entries = []
    for row in rows:
        feed = feeds[row.ags] = replace(feeds[row.ags], last_position=feeds[row.ags].last_position + 1)
        known = row._asdict() | {"position": feed.last_position}
        known.pop("number")
        entries.append(Entry(**known))
    await _position(work, [row.number for row in rows], entries, feeds.values())
    await _keep_states(work, entries)
    return entries


async def hold_feeds(work: Work, towns: set[str]) -> dict[str, Feed]:
    """The feeds, made where there is none, held until the transaction ends."""
    first = [{"ags": ags, "generation": 1, "last_position": 0, "first_position": 1} for ags in sorted(towns)]
    await work.connection.execute(insert(FEED).on_conflict_do_nothing(), first)
    found = select(FEED).where(FEED.c.ags.in_(sorted(towns))).order_by(FEED.c.ags).with_for_update()
    return {row.ags: Feed(**row._asdict()) for row in await work.connection.execute(found)}


async def _position(work: Work, numbers: Sequence[int], entries: Sequence[Entry], feeds: Iterable[Feed]) -> None:
    given = (
        update(FEED_ENTRY)
        .where(FEED_ENTRY.c.number == bindparam("place", type_=BigInteger))
        .values(position=bindparam("given", type_=BigInteger))
    )
    pairs = zip(numbers, entries, strict=True)
    await work.connection.execute(given, [{"place": number, "given": entry.position} for number, entry in pairs])
    grown = (
        update(FEED).where(FEED.c.ags == bindparam("town")).values(last_position=bindparam("last", type_=BigInteger))
    )
    await work.connection.execute(grown, [{"town": feed.ags, "last": feed.last_position} for feed in feeds])


async def _keep_states(work: Work, entries: Sequence[Entry]) -> None:
    """Bring the households of the towns to where these events leave them."""
    events = [(entry.ags, entry.event) for entry in entries]
    touched = {(ags, household) for ags, event in events if (household := household_of(event)) is not None}
    states: dict[_Place, TownHousehold | None] = defaultdict(lambda: None)
    states.update(await _states(work, touched))
    for ags, event in events:
        household = household_of(event)
        if household is not None:
            states[ags, household] = after(states[ags, household], event)
    await _store(work, {place: states[place] for place in touched})


async def _states(work: Work, places: set[_Place]) -> dict[_Place, TownHousehold | None]:
    if not places:
        return {}
    place = tuple_(TOWN_HOUSEHOLD.c.ags, TOWN_HOUSEHOLD.c.household_id)
    rows = await work.connection.execute(select(TOWN_HOUSEHOLD).where(place.in_(sorted(places))))
    return {(row.ags, row.household_id): _FACTS.validate_python(row.facts) for row in rows}


async def _store(work: Work, states: dict[_Place, TownHousehold | None]) -> None:
    gone = sorted(place for place, state in states.items() if state is None)
    if gone:
        place = tuple_(TOWN_HOUSEHOLD.c.ags, TOWN_HOUSEHOLD.c.household_id)
        await work.connection.execute(delete(TOWN_HOUSEHOLD).where(place.in_(gone)))
    kept = [
        {"ags": ags, "household_id": household, "facts": _FACTS.dump_python(state, mode="json")}
        for (ags, household), state in sorted(states.items())
        if state is not None
    ]
    if kept:
        row = insert(TOWN_HOUSEHOLD)
        stored = row.on_conflict_do_update(index_elements=["ags", "household_id"], set_={"facts": row.excluded.facts})
        await work.connection.execute(stored, kept)


async def households_of(ags: str, work: Work) -> Sequence[TownHousehold]:
    """The households of a town as its events tell them, in the order of their ids."""
    found = select(TOWN_HOUSEHOLD.c.facts).where(TOWN_HOUSEHOLD.c.ags == ags).order_by(TOWN_HOUSEHOLD.c.household_id)
    facts: Any = (await work.connection.execute(found)).scalars()
    return [_FACTS.validate_python(each) for each in facts]
