"""From a failed validation to a problem: which field, why as a code, what to do. The input itself is left behind."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from kfi_chassis.problems import MAX_FIELD_ERRORS, FieldError, InvalidInput
from kfi_chassis.request_guard import shown

_FIXES: Final[Mapping[str, str]] = {
    "missing": "Add this field.",
    "unknown_field": "Remove the fields the API document does not name.",
    "too_short": "Send at least {min_length} entries.",
    "too_long": "Send at most {max_length} entries.",
    "string_too_short": "Send at least {min_length} characters.",
    "string_too_long": "Send at most {max_length} characters.",
    "string_type": "Send a text.",
    "string_pattern_mismatch": "Send a text of the form the API document gives.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "decimal_parsing": "Send a number as a text, like 1234.50.",
    "decimal_max_places": "Send at most {decimal_places} places after the point.",
    "decimal_max_digits": "Send at most {max_digits} digits.",
    "greater_than": "Send a value greater than {gt}.",
    "greater_than_equal": "Send a value of at least {ge}.",
    "less_than": "Send a value less than {lt}.",
    "less_than_equal": "Send a value of at most {le}.",
    "literal_error": "Send one of: {expected}.",
    "enum": "Send one of: {expected}.",
    "uuid_parsing": "Send a UUID.",
    "uuid_type": "Send a UUID.",
    "date_from_datetime_parsing": "Send a date like 2026-11-23.",
    "date_parsing": "Send a date like 2026-11-23.",
    "date_type": "Send a date like 2026-11-23.",
    "datetime_from_date_parsing": "Send a date and time with its offset, like 2026-11-23T09:30:00+01:00.",
    "list_type": "Send a list.",
    "tuple_type": "Send a list.",
    "model_attributes_type": "Send an object with the fields the API document names.",
    "model_type": "Send an object with the fields the API document names.",
}
_DEFAULT_FIX: Final = "Correct this field as the API document describes it."


def invalid_input(failure: RequestValidationError) -> InvalidInput:
    """The problem for a request that does not fit its models; at most MAX_FIELD_ERRORS fields are named."""
    errors = [_field_error(error, failure.body) for error in failure.errors()[:MAX_FIELD_ERRORS]]
    return InvalidInput(errors=list(dict.fromkeys(errors)))


def _field_error(error: Mapping[str, Any], body: object) -> FieldError:
    reason = "unknown_field" if error["type"] == "extra_forbidden" else str(error["type"])
    return FieldError(_field(error["loc"], reason, body), reason, _fix(reason, error.get("ctx") or {}))


def _fix(reason: str, limits: Mapping[str, Any]) -> str:
    """What to do. Only limits of the model are filled in; a model's own error may bring its advice as `fix`."""
    if "fix" in limits:
        return str(limits["fix"])
    try:
        return _FIXES.get(reason, _DEFAULT_FIX).format_map(limits)
    except KeyError:
        return _DEFAULT_FIX


def _field(location: Sequence[str | int], reason: str, body: object) -> str:
    where, *steps = location or ("body",)
    if where == "body":
        return _pointer(steps[:-1] if reason == "unknown_field" else steps, body)
    return f"{where}:{'.'.join(str(step) for step in steps)}"


def _pointer(steps: Sequence[str | int], body: object) -> str:
    """The JSON pointer of a place; steps that only name a branch of a union are no part of the document."""
    segments: list[str] = []
    present = body
    for number, step in enumerate(steps, start=1):
        if _leads_on(present, step):
            present = present[step]  # type: ignore[index]
        elif number < len(steps) or not isinstance(present, dict):
            continue
        segments.append(shown(step))
    return "".join(f"/{segment}" for segment in segments)


def _leads_on(value: object, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)
