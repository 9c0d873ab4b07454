"""Checks a document against a schema, in the subset of JSON Schema 2020-12 that pydantic writes.

A second, independent look beside the models themselves: frozen examples are held to frozen schemas with it, and new
examples to old schemas as an old, tolerant reader would read them. A keyword it does not know is an error, so that
nothing is silently left unchecked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kfi_contracts.compatibility import ANNOTATIONS, Schema, resolved


class UnknownKeyword(Exception):
    """The schema uses a keyword that cannot be checked here."""


def violations(document: object, schema: Schema, *, tolerant: bool = False) -> list[str]:
    """Name what a schema forbids in a document, each with its path; empty when it conforms.

    A tolerant reader does not mind fields the schema does not know. Raises ``UnknownKeyword``.
    """
    return list(_Check(schema.get("$defs", {}), tolerant=tolerant).walk("", document, schema))


class _Check:
    def __init__(self, definitions: Schema, *, tolerant: bool) -> None:
        self._definitions = definitions
        self._tolerant = tolerant

    def walk(self, path: str, value: object, schema: Schema) -> Iterator[str]:
        schema = resolved(schema, self._definitions)
        for keyword, argument in schema.items():
            if keyword in _PLAIN:
                if not _PLAIN[keyword](value, argument):
                    yield f"{path or '(whole document)'}: {keyword}"
            elif keyword in _WALKED:
                yield from _WALKED[keyword](self, path, value, schema)
            elif keyword not in ANNOTATIONS | {"default", "required"}:
                raise UnknownKeyword(keyword)

    def fields(self, path: str, value: object, schema: Schema) -> Iterator[str]:
        if not isinstance(value, dict):
            return
        known = schema["properties"]
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, member in value.items():
            if name in known:
                yield from self.walk(f"{path}.{name}", member, known[name])

    def unknown_fields(self, path: str, value: object, schema: Schema) -> Iterator[str]:
        if not isinstance(value, dict) or self._tolerant:
            return
        if schema["additionalProperties"] is not False:
            raise UnknownKeyword("additionalProperties")
        for name in value.keys() - schema.get("properties", {}).keys():
            yield f"{path}.{name}: unknown"

    def items(self, path: str, value: object, schema: Schema) -> Iterator[str]:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from self.walk(f"{path}[{index}]", item, schema["items"])

    def alternatives(self, path: str, value: object, schema: Schema) -> Iterator[str]:
        members = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        if all(any(self.walk(path, value, member)) for member in members):
            yield f"{path}: none of the alternatives"


_WALKED: Final[Mapping[str, Callable[[_Check, str, object, Schema], Iterator[str]]]] = {
    "properties": _Check.fields,
    "additionalProperties": _Check.unknown_fields,
    "items": _Check.items,
    "anyOf": _Check.alternatives,
    "oneOf": _Check.alternatives,
}
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_FORMATS: Final[Mapping[str, str]] = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
}


def _has_type(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _has_format(value: object, name: str) -> bool:
    if name not in _FORMATS:
        raise UnknownKeyword(f"format {name}")
    return not isinstance(value, str) or re.fullmatch(_FORMATS[name], value, re.ASCII) is not None


def _has_form(value: object, form: str) -> bool:
    if not (form.startswith("^") and form.endswith("$")):
        raise UnknownKeyword(f"unanchored pattern {form}")
    return not isinstance(value, str) or re.fullmatch(form, value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_PLAIN: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "type": _has_type,
    "format": _has_format,
    "enum": lambda value, allowed: value in allowed,
    "const": lambda value, only: bool(value == only),
    "pattern": _has_form,
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "minimum": lambda value, least: not _is_number(value) or value >= least,
    "maximum": lambda value, most: not _is_number(value) or value <= most,
}
