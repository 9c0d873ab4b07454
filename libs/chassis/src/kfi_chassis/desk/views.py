"""What the desk tells of a parked record: the answers of its routes, printed by its commands."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field
from sqlalchemy import Row

from kfi_chassis.dead_letters import Letter
from kfi_chassis.desk import disclosure
from kfi_chassis.desk.reasons import Reasons, explain
from kfi_chassis.redaction import code

_TRACE_ID = slice(3, 35)


class HeaderView(BaseModel):
    """One header of a record; of what is not ours only how long it is."""

    name: str
    value: str


class LetterLine(BaseModel):
    """One dead letter in the list."""

    number: int
    reason: str
    meaning: str
    event_type: str | None
    event_id: str | None
    record: Annotated[str, Field(description="Where it lies in Kafka: topic/partition/offset.")]
    attempts: Annotated[int, Field(description="Replays that failed.")]
    parked_at: datetime
    age_seconds: float

    @classmethod
    def of(cls, row: Row[Any], reasons: Reasons) -> Self:
        """The line of a row of `desk.letters.page`."""
        return cls(
            number=row.number,
            reason=row.reason,
            meaning=explain(row.reason, reasons).meaning,
            event_type=disclosure.type_name(row.event_type),
            event_id=None if row.event_id is None else str(row.event_id),
            record=f"{row.topic}/{row.partition}/{row.offset}",
            attempts=row.attempts,
            parked_at=row.parked_at,
            age_seconds=round(row.age, 1),
        )


class Resolution(BaseModel):
    """How a letter was closed."""

    how: Annotated[str, Field(description="replayed, discarded or expired")]
    at: datetime | None
    by: str | None
    reason: str | None


class LetterView(BaseModel):
    """One dead letter: why it was parked, what to do next, and what it was."""

    number: int
    state: Annotated[str, Field(description="open, or how it was closed")]
    reason: str
    meaning: str
    remedy: str
    actions: list[str]
    behind: Annotated[int | None, Field(description="The letter of the same key that must be resolved first.")]
    waiting_behind: Annotated[int, Field(description="Open letters of the same key after this one.")]
    attempts: int
    parked_at: datetime
    consumer: str
    holds_key: bool
    record: str
    key: str | None
    event_id: str | None
    event_type: str | None
    correlation_id: str | None
    trace_id: str | None
    size: Annotated[int, Field(description="Bytes of the record's value.")]
    sha256: Annotated[str | None, Field(description="Digest of the value, to compare it with another copy.")]
    headers: list[HeaderView]
    content: Annotated[str | None, Field(description="The event as this version reads it.")]
    withheld: Annotated[
        str | None,
        Field(description="Why no content is shown: sealed, topic_not_published, no_event_this_version_reads, empty."),
    ]
    resolution: Resolution | None
    version: int

    @classmethod
    def of(cls, letter: Letter, *, behind: int | None, waiting_behind: int, reasons: Reasons) -> Self:
        """All that may be seen of a letter."""
        record, explained = letter.record, explain(letter.reason, reasons)
        shown, withheld = disclosure.content(record.topic, letter.event_type, record.value)
        traceparent = disclosure.header(record.headers, "ce_traceparent")
        return cls(
            number=letter.number,
            state=letter.resolution or "open",
            reason=letter.reason,
            meaning=explained.meaning,
            remedy=explained.remedy,
            actions=["discard", "replay"] if letter.resolution is None and behind is None else [],
            behind=behind,
            waiting_behind=waiting_behind,
            attempts=letter.attempts,
            parked_at=letter.parked_at,
            consumer=letter.consumer,
            holds_key=letter.key is not None,
            record=f"{record.topic}/{record.partition}/{record.offset}",
            key=disclosure.key(record.key),
            event_id=None if letter.event_id is None else str(letter.event_id),
            event_type=disclosure.type_name(letter.event_type),
            correlation_id=disclosure.header(record.headers, "ce_correlationid"),
            trace_id=None if traceparent is None else traceparent[_TRACE_ID],
            size=len(record.value or b""),
            sha256=None if record.value is None else sha256(record.value).hexdigest(),
            headers=[HeaderView(name=name, value=value) for name, value in disclosure.headers(record.headers)],
            content=shown,
            withheld=withheld,
            resolution=_resolution(letter),
            version=letter.version,
        )


class AttemptView(BaseModel):
    """What the replay of one letter did."""

    number: int
    outcome: Annotated[str, Field(description="handled: its effects are stored; parked: it failed again")]
    reason: Annotated[str | None, Field(description="Why it was parked again.")]
    meaning: str | None


class ReplayView(BaseModel):
    """What a replay did, letter by letter; nothing of a failed one is stored."""

    attempts: list[AttemptView]
    handled: int
    parked: int
    left: Annotated[int, Field(description="Open letters of the same key, or of the same reason, that were not tried.")]
    after: Annotated[int | None, Field(description="Send it as `after` to go on with those that are left.")] = None


class DiscardView(BaseModel):
    """What was closed without acting on it."""

    number: int
    next_of_key: Annotated[int | None, Field(description="The letter of the same key whose turn it is now.")]


class ParkedEventView(BaseModel):
    """An event of this service that the broker refuses; later events of its key wait behind it."""

    position: int
    reason: str
    meaning: str
    remedy: str
    actions: list[str]
    event_id: str
    event_type: str
    topic: str
    key: str | None
    sequence: int
    recorded_at: datetime
    age_seconds: float
    size: int
    waiting_behind: Annotated[int, Field(description="Events of the same key that wait behind it.")]
    version: int


def _resolution(letter: Letter) -> Resolution | None:
    if letter.resolution is None:
        return None
    return Resolution(
        how=letter.resolution,
        at=letter.resolved_at,
        by=letter.resolved_by,
        reason=None if letter.resolution_reason is None else code(letter.resolution_reason),
    )


def attempts_of(done: Sequence[tuple[int, str | None]], reasons: Reasons) -> list[AttemptView]:
    """The views of attempts: number, and the reason of the failure if it failed."""
    return [
        AttemptView(
            number=number,
            outcome="handled" if failure is None else "parked",
            reason=failure,
            meaning=None if failure is None else explain(failure, reasons).meaning,
        )
        for number, failure in done
    ]
