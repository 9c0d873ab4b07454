"""What may stand in a log line: numbers, ids and codes. Everything else is told by its kind or its length.

A driver quotes rows in the messages of its errors, a validator quotes input, a warning quotes values. So no message of
an error or a library passes as it is, and a text passes only when it looks like an id or a code.
"""

import math
import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from aiokafka import TopicPartition

_CODE: Final = re.compile(r"[A-Za-z0-9:._/+*{}-]{0,200}")
_TOKEN: Final = re.compile(r"ey[JI][A-Za-z0-9_-]{8,}")  # base64 of `{"`: a JWT or a JWE, whole or in part
_CONVERSATION: Final = re.compile(r"[0-9A-Fa-f-]{1,64}")
_FRAMES: Final = 12
_DEEPEST: Final = 4


def redacted(value: object, deep: int = 0) -> object:
    """A value as a log line may show it: members of lists and objects each by themselves."""
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, (float, UUID)):
        return str(value)
    if isinstance(value, str):
        return code(value)
    if isinstance(value, Mapping) and deep < _DEEPEST:
        return {str(code(str(name))): redacted(member, deep + 1) for name, member in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes) and deep < _DEEPEST:
        return [redacted(member, deep + 1) for member in value]
    return f"({type(value).__name__})"


def code(text: str) -> str:
    """A text that looks like an id or a code as it is; of anything else only its length."""
    if _CODE.fullmatch(text) and not _TOKEN.search(text):
        return text
    return f"({len(text)} characters)"


def conversation(correlation_id: str) -> str:
    """A correlation id as we make them; what a foreign event may say instead is not repeated."""
    return correlation_id if _CONVERSATION.fullmatch(correlation_id) else f"({len(correlation_id)} characters)"


def message(template: object, arguments: object) -> str:
    """A library's message: its own words, with numbers and codes filled in, errors and objects by their kind."""
    words = str(template)
    if isinstance(arguments, Mapping):
        filled: Any = {name: _argument(value) for name, value in arguments.items()}
    else:
        filled = tuple(map(_argument, arguments)) if isinstance(arguments, tuple) else ()
    try:
        return words % filled if filled else words
    except (TypeError, ValueError, KeyError):
        return words


def _argument(value: object) -> object:
    if isinstance(value, TopicPartition):
        return code(f"{value.topic}/{value.partition}")
    if isinstance(value, type):
        return value.__name__
    return redacted(value)


def described(error: BaseException) -> dict[str, object]:
    """What may be told of an error: class, SQLSTATE, places in the code, and the same of its cause."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told: dict[str, object] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    sqlstate = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if sqlstate:
        told["sqlstate"] = code(str(sqlstate))
    if isinstance(error, BaseExceptionGroup):
        told["members"] = [described(member) for member in error.exceptions]
    if error.__cause__ is not None:
        told["cause"] = described(error.__cause__)
    return told
