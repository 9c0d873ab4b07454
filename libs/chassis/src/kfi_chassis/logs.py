"""Logs for machines: one JSON object a line, one event name and structured fields. Ids and codes, never content.

Every line of a process goes through the same filter (`kfi_chassis.redaction`): ours, those of libraries, warnings, and
what Python would print of an error that nobody caught. Messages of errors are left out on purpose.
"""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO
from uuid import UUID

from kfi_chassis.redaction import code, conversation, described, message, redacted

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
"""The id that ties together all a request or a record sets off; on every log line and in every event."""
trace: ContextVar[str | None] = ContextVar("trace", default=None)
"""The traceparent (W3C) of what is being done, where there is a trace; lines carry its trace id."""
role: ContextVar[str | None] = ContextVar("role", default=None)
"""For which role of the process something is done."""
handled: ContextVar[tuple[UUID, str] | None] = ContextVar("handled", default=None)
"""The event that is being handled: its id, and the id of its aggregate."""

_LOGGER: Final = logging.getLogger("kfi")
_MESSAGES_OF: Final = ("uvicorn", "aiokafka", "faststream", "alembic", "opentelemetry")
"""Libraries whose own words hold no content; what they fill in is filtered."""
_SPELLED_OUT: Final = ("aiokafka.faststream",)  # words and what is filled in come as one text
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message", "asctime", "taskName", "color_message", "fields", "failure",
}  # fmt: skip
_TRACE_ID: Final = slice(3, 35)


def event(name: str, *, level: int = logging.INFO, error: BaseException | None = None, **fields: object) -> None:
    """Log one event with its fields; of an error, its kind and where it arose, never its message."""
    _LOGGER.log(level, name, extra={"fields": fields, "failure": error}, stacklevel=2)


@contextmanager
def within(**values: object) -> Iterator[None]:
    """Set some of the variables above for a while, by their names."""
    variables: dict[str, ContextVar[Any]] = {
        "correlation": correlation, "trace": trace, "role": role, "handled": handled,
    }  # fmt: skip
    tokens = [(variables[name], variables[name].set(value)) for name, value in values.items()]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, standing: Mapping[str, str]) -> None:
        super().__init__()
        self._standing = dict(standing)

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, event, the process's standing fields, what it is about, the event's own fields."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event_of(record),
            **self._standing,
            **_context(),
            **_fields_of(record),
        }
        error = getattr(record, "failure", None) or (record.exc_info[1] if record.exc_info else None)
        if error is not None:
            line["error"] = described(error)
        return json.dumps(line)


def configure(level: str, *, service: str, instance: str | None = None, roles: str = "") -> None:
    """Send all that the process has to say to standard output as JSON, each line with service, instance and role."""
    standing = {"service": service} | ({"instance": instance} if instance else {}) | ({"role": roles} if roles else {})
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(standing))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for own in ("kfi", "kfi_chassis", f"kfi_{service}"):
        logging.getLogger(own).setLevel(level.upper())
    logging.raiseExceptions = False  # else a line that cannot be written is printed with all its arguments
    _take_over_from_python()


def _take_over_from_python() -> None:
    """What nobody caught is told as every error is; Python's own words would quote its message."""
    sys.excepthook = lambda _kind, error, _trace: _uncaught("uncaught_error", error)
    sys.unraisablehook = lambda told: _uncaught("unraisable_error", told.exc_value)
    threading.excepthook = lambda told: _uncaught("uncaught_error", told.exc_value)
    warnings.showwarning = _tell_warning


def _uncaught(name: str, error: BaseException | None) -> None:
    level = logging.INFO if isinstance(error, KeyboardInterrupt) else logging.CRITICAL
    event(name, level=level, error=error)


def _tell_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning by its kind and place: pydantic's quote values."""
    del message, file, line
    event("warning", level=logging.WARNING, kind=category.__name__, place=f"{filename}:{lineno}")


def _context() -> dict[str, object]:
    """What is being done: role, conversation, trace, and the event that is handled, as far as there are any."""
    found: dict[str, object] = {}
    if (acting := role.get()) is not None:
        found["role"] = acting
    if (correlation_id := correlation.get()) is not None:
        found["correlation_id"] = conversation(correlation_id)
    if (traceparent := trace.get()) is not None:
        found["trace_id"] = traceparent[_TRACE_ID]
    if (about := handled.get()) is not None:
        found["event_id"] = str(about[0])
        found["aggregate_id"] = conversation(about[1])
    return found


def _event_of(record: logging.LogRecord) -> str:
    return code(str(record.msg)) if record.name.startswith("kfi") else "library_message"


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    given = {**getattr(record, "fields", {}), **_extra(record)}
    fields = {name: redacted(value) for name, value in given.items()}
    if not record.name.startswith("kfi"):
        fields["logger"] = record.name
        fields["place"] = f"{record.module}:{record.lineno}"
        if record.name.startswith(_MESSAGES_OF) and not record.name.startswith(_SPELLED_OUT):
            fields["message"] = message(record.msg, record.args)
    return fields


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}
