"""The desk over HTTP: the same in every service, for operators alone."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from kfi_chassis.desk import letters
from kfi_chassis.desk.reasons import Reasons
from kfi_chassis.desk.replay import (
    REASON,
    Attempt,
    Desk,
    LetterChangedError,
    LetterUnknownError,
    NotItsTurnError,
)
from kfi_chassis.desk.views import DiscardView, LetterLine, LetterView, ReplayView, attempts_of
from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.operations import OPERATOR
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problems import NotFound, Problem, VersionMismatch, define, documents
from kfi_chassis.subscriptions import Consumer

NOT_ITS_TURN: Final = define(
    "not-its-turn", 409, "An earlier one comes first", "An earlier dead letter holds the same key.",
    "Resolve the letter that the detail names; its replay takes this one along.",
)  # fmt: skip
LETTER_RESOLVED: Final = define(
    "letter-resolved", 409, "The letter is closed", "The dead letter was replayed, discarded, or has expired.",
    "Read it again: it says how it was closed, by whom and why.",
)  # fmt: skip
MOST_AT_ONCE: Final = 50
_SECONDS_AT_ONCE: Final = 8.0
"""Below the time a request may take; what is left is told, and another request goes on with it."""

Operator = Annotated[Edge[Any], edge(OPERATOR)]
Number = Annotated[int, InPath(ge=1, le=2**63 - 1)]
ReasonCode = Annotated[
    str,
    Field(pattern=f"^{REASON}$", description="Why: a code or a reference without blanks, like OPS-17; never a name."),
]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decided(_Wire):
    """Why the operator decides so."""

    reason: ReasonCode


class ReplayOfMany(_Wire):
    """Which letters to replay, and why."""

    parked_for: Annotated[str, Field(min_length=1, max_length=200, description="The reason they were parked for.")]
    reason: ReasonCode
    after: Annotated[int, Field(ge=0, le=2**63 - 1, description="`after` of the answer before.")] = 0


class Filter(BaseModel):
    """What the list is narrowed to."""

    reason: Annotated[str | None, Query(max_length=200, description="Whole, or its part before the colon.")] = None
    type: Annotated[str | None, Query(max_length=200, description="The CloudEvents type.")] = None
    older_than_seconds: Annotated[float, Query(ge=0, le=1e8)] = 0.0


def dead_letters_router(consumer: Consumer, reasons: Reasons) -> APIRouter:
    """The routes below /<service>/v1/dead-letters."""
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    @router.get("")
    async def list_dead_letters(door: Operator, paged: Paged, narrowed: Annotated[Filter, Query()]) -> Page[LetterLine]:
        """The open dead letters, oldest first."""
        after = paged.after(int) or (0,)
        wanted = letters.Wanted(narrowed.reason, narrowed.type, narrowed.older_than_seconds)

        async def read(work: Any) -> Page[LetterLine]:
            found = await letters.page(work.connection, consumer.group, wanted, after=after[0], limit=paged.rows)
            return paged.page(found, lambda row: LetterLine.of(row, reasons), lambda row: (row.number,))

        return await door.read(read)

    @router.get("/{number}")
    async def get_dead_letter(number: Number, door: Operator) -> LetterView:
        """One letter: why it was parked, what to do next, and what it was as far as nobody is named in it."""
        view = await door.in_time(_view(_desk(consumer, door), number, reasons))
        door.etag(view.version)
        return view

    @router.post("/{number}/replay")
    @documents(NOT_ITS_TURN, LETTER_RESOLVED)
    async def replay_dead_letter(number: Number, body: Decided, seen: IfMatch, door: Operator) -> ReplayView:
        """Hand the letter to its handler again, then those that wait behind it, up to the first that fails."""
        desk = _desk(consumer, door)
        return await door.in_time(_replayed(desk, number, body.reason, seen, reasons))

    @router.post("/{number}/discard")
    @documents(NOT_ITS_TURN, LETTER_RESOLVED)
    async def discard_dead_letter(number: Number, body: Decided, seen: IfMatch, door: Operator) -> DiscardView:
        """Close the letter without acting on it."""
        desk = _desk(consumer, door)
        following = await door.in_time(_told(desk, number, desk.discard(number, body.reason, seen=seen)))
        return DiscardView(number=number, next_of_key=following)

    @router.post("/replay")
    async def replay_dead_letters(body: ReplayOfMany, door: Operator) -> ReplayView:
        """Replay what was parked for a reason, some at once; `left` and `after` say how to go on."""
        return await door.in_time(_replayed_all(_desk(consumer, door), consumer.group, door, body, reasons))

    return router


def _desk(consumer: Consumer, door: Edge[Any]) -> Desk:
    return Desk(consumer, door.transactions, operator=door.principal)


async def _view(desk: Desk, number: int, reasons: Reasons) -> LetterView:
    try:
        letter = await desk.letter(number)
    except LetterUnknownError:
        raise NotFound from None
    behind, waiting = await desk.standing(letter)
    return LetterView.of(letter, behind=behind, waiting_behind=waiting, reasons=reasons)


async def _replayed(desk: Desk, number: int, reason: str, seen: int, reasons: Reasons) -> ReplayView:
    done = await _told(desk, number, _some(desk.replay(number, reason, seen=seen)))
    still_open = await desk.open_of_key(number)
    return _answer(done, reasons, left=still_open - sum(attempt.failure is not None for attempt in done))


async def _replayed_all(desk: Desk, group: str, door: Edge[Any], body: ReplayOfMany, reasons: Reasons) -> ReplayView:
    done = await _some(desk.replay_all(body.parked_for, body.reason, after=body.after))
    after = max((attempt.led_by for attempt in done), default=body.after)
    async with door.transactions.engine.connect() as connection:
        left = await letters.left_of_reason(connection, group, body.parked_for, after=after)
    return _answer(done, reasons, left=left, after=after if left else None)


async def _some(attempts: AsyncIterator[Attempt]) -> list[Attempt]:
    """As many as one request may do; each is stored by itself, so the rest can wait."""
    done: list[Attempt] = []
    until = time.monotonic() + _SECONDS_AT_ONCE
    async for attempt in attempts:
        done.append(attempt)
        if len(done) >= MOST_AT_ONCE or time.monotonic() > until:
            break
    return done


async def _told(desk: Desk, number: int, effort: Any) -> Any:
    """Turn the desk's refusals into problems; a letter that never was is told from one that is closed."""
    try:
        return await effort
    except LetterUnknownError:
        await _view(desk, number, {})
        raise Problem.of(LETTER_RESOLVED) from None
    except NotItsTurnError as refusal:
        raise Problem.of(NOT_ITS_TURN, f"Letter {refusal.first} holds the same key and comes first.") from None
    except LetterChangedError:
        raise VersionMismatch from None


def _answer(done: Sequence[Attempt], reasons: Reasons, *, left: int, after: int | None = None) -> ReplayView:
    failed = sum(attempt.failure is not None for attempt in done)
    attempts = attempts_of([(attempt.number, attempt.failure) for attempt in done], reasons)
    return ReplayView(attempts=attempts, handled=len(done) - failed, parked=failed, left=left, after=after)
