"""The types of CloudEvents context attributes: what they accept, what they write.

Conversions accept far more than the standard (numbers as times, braces round a UUID), so each text is held to its exact
form first. The forms are checked by pydantic's core and not by functions of ours: every event of every consumer and
every outbox row passes here.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

_RFC3339: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_UUID: Final = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_NUMBER: Final = r"^[0-9]{1,10}$"


def _of_form(form: str, value: CoreSchema) -> GetPydanticSchema:
    """Take such a value, or a text of the form that is then converted; nothing else is converted."""

    def either(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        converted = handler(source)
        text = core_schema.str_schema(pattern=form, strict=True)
        ways = [core_schema.chain_schema([given, converted]) for given in (value, text)]
        return core_schema.union_schema([*ways], mode="left_to_right")

    return GetPydanticSchema(either)


def _utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def written_time(time: datetime) -> str:
    """RFC 3339 in UTC."""
    return time.isoformat().replace("+00:00", "Z")


def written_sequence(number: int) -> str:
    """Ten digits, so that texts sort like numbers as the extension asks."""
    return f"{number:010d}"


EventId = Annotated[
    UUID,
    _of_form(_UUID, core_schema.is_instance_schema(UUID)),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""Unique per source; the same on every retry."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$", max_length=1024)]
"""A CloudEvents String: not empty, without control characters."""

Timestamp = Annotated[
    AwareDatetime,
    _of_form(_RFC3339, core_schema.is_instance_schema(datetime)),
    AfterValidator(_utc),
    PlainSerializer(written_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, always in UTC (RFC 3339)."""

Sequence10 = Annotated[
    int,
    Field(ge=1, le=9_999_999_999),
    _of_form(_NUMBER, core_schema.int_schema(strict=True)),
    PlainSerializer(written_sequence, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{10}$", "examples": ["0000000001"]}),
]
"""Counts a subject's events from 1."""

TraceParent = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2}(-[0-9a-f]+)+$", max_length=128)]
"""W3C Trace Context."""
