"""The types of CloudEvents context attributes: what they accept, what they write.

Conversions accept far more than the standard (numbers as times, braces round a UUID), so each text is held to its exact
form first.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

_RFC3339: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"
_UUID: Final = r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"


def _of_form(form: str) -> BeforeValidator:
    pattern = re.compile(form, re.ASCII)

    def check(value: object) -> object:
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        if isinstance(value, UUID | datetime):
            return value
        raise ValueError("malformed")

    return BeforeValidator(check)


def _utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value) else value


EventId = Annotated[UUID, _of_form(_UUID)]
"""Unique per source; the same on every retry."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$", max_length=1024)]
"""A CloudEvents String: not empty, without control characters."""

Timestamp = Annotated[
    AwareDatetime,
    _of_form(_RFC3339),
    AfterValidator(_utc),
    PlainSerializer(lambda time: time.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, always in UTC (RFC 3339)."""

Sequence10 = Annotated[
    int,
    BeforeValidator(_number),
    Field(strict=True, ge=1, le=9_999_999_999),
    PlainSerializer(lambda number: f"{number:010d}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{10}$", "examples": ["0000000001"]}),
]
"""Counts a subject's events from 1; written with ten digits, so that texts sort like numbers as the extension asks."""

TraceParent = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2}(-[0-9a-f]+)+$", max_length=128)]
"""W3C Trace Context."""
