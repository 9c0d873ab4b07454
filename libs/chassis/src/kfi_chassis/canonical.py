"""One JSON text for one value: the form that is hashed, signed and compared.

Follows RFC 8785 (JSON Canonicalization Scheme) for the part of JSON the platform uses. Numbers are whole: amounts and
rates travel as strings, so two machines can never differ in the last digit of a float.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

_LARGEST_WHOLE_NUMBER = 2**53 - 1  # RFC 7493, 2.2: beyond it readers disagree


class NotCanonical(TypeError):
    """The value has no canonical form: a float, a number too large, a key that is no string, a lone surrogate."""


def canonical_json(value: object) -> bytes:
    """The canonical UTF-8 JSON of a value. Raises NotCanonical; its message never repeats the value."""
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("a string holds a lone surrogate") from None
    except RecursionError:
        raise NotCanonical("the value is nested too deeply") from None


def digest(content: bytes) -> str:
    """The SHA-256 of the content, as 64 lower case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _text(value: object) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return _whole_number(value)
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return f"[{','.join(_text(item) for item in value)}]"
    raise NotCanonical(f"a value of type {type(value).__name__} has no canonical form")


def _whole_number(value: int) -> str:
    if abs(value) > _LARGEST_WHOLE_NUMBER:
        raise NotCanonical("a whole number is beyond 2^53 - 1; send it as a string")
    return str(int(value))


def _object(members: Mapping[object, object]) -> str:
    if not all(isinstance(key, str) for key in members):
        raise NotCanonical("an object has a key that is no string")
    # RFC 8785, 3.2.3: keys are sorted by UTF-16 code units, which is not the order of code points.
    ordered = sorted(members.items(), key=lambda member: str(member[0]).encode("utf-16-be"))
    return f"{{{','.join(f'{_text(key)}:{_text(item)}' for key, item in ordered)}}}"
