"""Logs for machines: one JSON object a line, one event name and structured fields. Ids and codes, never content.

Messages of exceptions are left out on purpose: a driver quotes rows in them, a validator quotes input.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
"""The id that ties together all a request or a record sets off; on every log line and in every event."""

_LOGGER: Final = logging.getLogger("kfi")
_MESSAGES_OF: Final = ("uvicorn", "aiokafka", "faststream", "alembic")  # libraries whose messages hold no content
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_FRAMES: Final = 12


def event(name: str, *, level: int = logging.INFO, error: BaseException | None = None, **fields: object) -> None:
    """Log one event with its fields; of an error, its kind and where it arose, never its message."""
    if error is not None:
        fields["error"] = describe(error)
    _LOGGER.log(level, name, extra={"fields": fields}, stacklevel=2)


def describe(error: BaseException) -> dict[str, object]:
    """What may be told of an error: class, SQLSTATE, places in the code, and the same of its cause."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told: dict[str, object] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    sqlstate = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if sqlstate:
        told["sqlstate"] = str(sqlstate)
    if isinstance(error, BaseExceptionGroup):
        told["members"] = [describe(member) for member in error.exceptions]
    if error.__cause__ is not None:
        told["cause"] = describe(error.__cause__)
    return told


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, standing: Mapping[str, str]) -> None:
        super().__init__()
        self._standing = dict(standing)

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, event, the process's standing fields, the event's own."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event_of(record),
            **self._standing,
            **_fields_of(record),
        }
        if (correlation_id := correlation.get()) is not None:
            line.setdefault("correlation_id", correlation_id)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(level: str, *, service: str, instance: str | None = None) -> None:
    """Send all logs of the process to standard output as JSON, each line with the service and its instance."""
    standing = {"service": service} | ({"instance": instance} if instance else {})
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(standing))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for own in ("kfi", "kfi_chassis", f"kfi_{service}"):
        logging.getLogger(own).setLevel(level.upper())


def _event_of(record: logging.LogRecord) -> str:
    return str(record.msg) if record.name.startswith("kfi") else "library_message"


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    fields = dict(getattr(record, "fields", {}))
    fields.update({name: value for name, value in vars(record).items() if name not in _STANDARD and name != "fields"})
    if not record.name.startswith("kfi"):
        fields["logger"] = record.name
        if record.name.startswith(_MESSAGES_OF):
            fields["message"] = record.getMessage()
    return fields
