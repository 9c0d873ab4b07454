"""What an operator may see of a dead letter: ids, codes, times. What is sealed, or not known as open, stays closed."""

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from kfi_chassis.dead_letters import Letter
from kfi_chassis.retention import sealed_topics
from kfi_contracts import ALL_EVENTS

_LONGEST_TEXT: Final = 10_000
_CODE: Final = re.compile(r"[A-Za-z0-9:._/+-]{1,200}")
_IDENTIFYING: Final = frozenset(
    {
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_specversion",
        "ce_time",
        "ce_sequence",
        "ce_dataschema",
        "ce_correlationid",
        "ce_causationid",
        "ce_traceparent",
        "ce_dataclassification",
        "content-type",
    }
)


def listing(letters: Sequence[Row[Any]]) -> str:
    """One line per letter, oldest first."""
    if not letters:
        return "no open dead letters\n"
    lines = [f"{'number':>8}  {'parked':20}  {'reason':32}  {'tries':>5}  {'type':50}  record"]
    lines += [
        f"{row.number:>8}  {row.parked_at:%Y-%m-%d %H:%M:%SZ}  {row.reason:32}  {row.attempts:>5}"
        f"  {_code(row.event_type):50}  {row.topic}/{row.partition}/{row.offset}"
        for row in letters
    ]
    return "\n".join(lines) + "\n"


def page(letter: Letter) -> str:
    """Everything that may be seen of one letter."""
    record = letter.record
    fields = {
        "number": letter.number,
        "state": letter.resolution or "open",
        "reason": letter.reason,
        "parked": letter.parked_at.isoformat(),
        "tries": letter.attempts,
        "holds its key": "yes" if letter.key else "no",
        "record": f"{record.topic}/{record.partition}/{record.offset}",
        "key": _code(None if record.key is None else record.key.decode(errors="replace")),
        "event": letter.event_id or "-",
        "type": _code(letter.event_type),
        "size": f"{len(record.value or b'')} bytes",
    }
    lines = [f"{name:14} {value}" for name, value in fields.items()]
    lines += [f"header         {line}" for line in _headers(letter)]
    return "\n".join([*lines, "", _content(letter)]) + "\n"


def _headers(letter: Letter) -> list[str]:
    lines = []
    for name, value in letter.record.headers:
        if name in _IDENTIFYING:
            lines.append(f"{name}: {_code(None if value is None else value.decode(errors='replace'))}")
        else:
            lines.append(f"{_code(name)}: {'null' if value is None else f'({len(value)} bytes)'}")
    return lines


def _content(letter: Letter) -> str:
    topic = letter.record.topic
    if topic in sealed_topics():
        return "The content is sealed; nobody opens it here."
    if topic not in {event.topic for event in ALL_EVENTS}:
        return "The content is not shown: the topic is not among the published ones."
    content: bytes | None = letter.record.value
    return "There is no content." if content is None else content.decode(errors="backslashreplace")[:_LONGEST_TEXT]


def _code(text: str | None) -> str:
    """A text that looks like an id or a code as it is; of anything else only its length."""
    if text is None:
        return "-"
    return text if _CODE.fullmatch(text) else f"({len(text)} characters)"
