"""JSON that every reader understands the same way (RFC 8259, I-JSON RFC 7493): no NaN, no lone surrogates."""

import json

from pydantic import JsonValue


class NotJson(ValueError):
    """The text is no JSON, or one that readers disagree about. The message never contains the text."""


def read_json(document: bytes) -> JsonValue:
    """Read UTF-8 JSON. Raises ``NotJson``, also for NaN, infinite numbers, lone surrogates and bottomless nesting."""
    try:
        value: JsonValue = json.loads(document.decode())
        write_json(value)  # NaN, infinite numbers and lone surrogates are found only when writing
    except (ValueError, RecursionError):
        raise NotJson("no JSON") from None
    return value


def write_json(value: JsonValue) -> bytes:
    """Write compact UTF-8 JSON, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def write_canonical(value: JsonValue) -> bytes:
    """Write compact UTF-8 JSON with sorted keys: equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True).encode()


def write_readable(value: JsonValue) -> bytes:
    """Write indented UTF-8 JSON with a last line break, for files that people compare."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n"
