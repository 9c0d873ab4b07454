"""What an operator may see of a record: ids, codes, times. What is sealed, or not known to name nobody, stays closed.

A foreign or broken record may hold anything anywhere, so no text is shown for being short: an attribute of the envelope
is shown when it has the form that ours have, data only as the event that this version reads in it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from kfi_chassis.retention import sealed_topics
from kfi_contracts import ALL_EVENTS
from kfi_contracts.classification import Classification, classification_of
from kfi_contracts.event import Event

_ID: Final = re.compile(r"[0-9A-Fa-f-]{1,64}")
_TYPES: Final[Mapping[str, type[Event]]] = {event.type: event for event in ALL_EVENTS}
_TOPICS: Final = frozenset(event.topic for event in ALL_EVENTS)
_TYPE: Final = re.compile(r"de\.nrw\.kfi\.[a-z-]{1,40}\.[a-z-]{1,60}\.v\d{1,3}")
_ATTRIBUTES: Final[Mapping[str, re.Pattern[str]]] = {
    "ce_id": _ID,
    "ce_correlationid": _ID,
    "ce_causationid": _ID,
    "ce_subject": _ID,
    "ce_traceparent": _ID,
    "ce_type": _TYPE,
    "ce_source": re.compile(r"/kfi/[a-z-]{1,40}"),
    "ce_dataschema": re.compile(r"urn:kfi:schema:[a-z.-]{1,100}\.v\d{1,3}:\d{1,4}"),
    "ce_dataclassification": re.compile("|".join(Classification)),
    "ce_specversion": re.compile(r"\d\.\d"),
    "ce_time": re.compile(r"[0-9T:.Z+-]{1,40}"),
    "ce_sequence": re.compile(r"\d{1,20}"),
    "content-type": re.compile(r"application/(cloudevents\+)?json(; ?charset=utf-8)?"),
}
SEALED: Final = "sealed"
NOT_PUBLISHED: Final = "topic_not_published"
NOT_READ: Final = "no_event_this_version_reads"
EMPTY: Final = "empty"


def content(topic: str, event_type: str | None, value: bytes | None) -> tuple[str | None, str | None]:
    """The event in a record as JSON, or none and why not; of fields this version does not know nothing is shown."""
    if topic in sealed_topics():
        return None, SEALED
    if topic not in _TOPICS:
        return None, NOT_PUBLISHED
    if not value:
        return None, EMPTY
    known = _TYPES.get(event_type or "")
    if known is None or classification_of(known) in {Classification.PERSONAL, Classification.SEALED}:
        return None, NOT_READ
    try:
        return known.read(value).model_dump_json(), None
    except (ValidationError, ValueError, RecursionError):
        return None, NOT_READ


def headers(given: Sequence[tuple[str, bytes | None]]) -> list[tuple[str, str]]:
    """The headers of a record: names and values of ours as they are, of all others how long they are."""
    return [(_shown(name, name in _ATTRIBUTES), _value(name, value)) for name, value in given]


def key(given: bytes | None) -> str | None:
    """The key of a record, which is its aggregate's id."""
    return None if given is None else _shown(text := given.decode(errors="replace"), _ID.fullmatch(text) is not None)


def type_name(given: str | None) -> str | None:
    """The type of a record, when it is named as ours are."""
    return None if given is None else _shown(given, _TYPE.fullmatch(given) is not None)


def header(given: Sequence[tuple[str, bytes | None]], name: str) -> str | None:
    """One header of ours, when it has the form it must have."""
    for each, value in given:
        if each == name and value is not None and _has_its_form(name, value.decode(errors="replace")):
            return value.decode()
    return None


def _value(name: str, value: bytes | None) -> str:
    if value is None:
        return "null"
    text = value.decode(errors="replace")
    return text if _has_its_form(name, text) else f"({len(value)} bytes)"


def _has_its_form(name: str, text: str) -> bool:
    form = _ATTRIBUTES.get(name)
    return form is not None and form.fullmatch(text) is not None


def _shown(text: str, harmless: bool) -> str:  # noqa: FBT001 - says which of the two
    return text if harmless else f"({len(text)} characters)"
