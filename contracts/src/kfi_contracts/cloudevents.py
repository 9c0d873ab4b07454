"""The envelope round every event: CloudEvents 1.0, binary in Kafka, structured everywhere else.

Sources: CloudEvents 1.0.2 with its Kafka protocol binding, JSON event format, and the extensions sequence, distributed
tracing and data classification. ``correlationid`` and ``causationid`` are the customary names for what they say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from kfi_contracts.attributes import (
    EventId,
    Sequence10,
    Text,
    Timestamp,
    TraceParent,
    written_sequence,
    written_time,
)
from kfi_contracts.classification import classification_of
from kfi_contracts.event import Event
from kfi_contracts.strict_json import NotJson, read_json, write_json

STRUCTURED_CONTENT_TYPE: Final = "application/cloudevents+json"
CONTENT_TYPE: Final = "application/json"
_HEADER_PREFIX: Final = "ce_"
_CONTENT_TYPE_HEADER: Final = "content-type"


class EnvelopeFault(StrEnum):
    """Why a record is no event of ours."""

    TOMBSTONE = "tombstone"
    MISSING_ATTRIBUTE = "missing_attribute"
    NULL_HEADER = "null_header"
    NOT_UTF8 = "not_utf8"
    DUPLICATE_ATTRIBUTE = "duplicate_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    UNSUPPORTED_SPECVERSION = "unsupported_specversion"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    NOT_JSON = "not_json"


class InvalidEnvelope(ValueError):
    """A record cannot be read as a CloudEvent. Carries a code and an attribute's name, never content."""

    def __init__(self, reason: str, attribute: str | None = None) -> None:
        super().__init__(reason if attribute is None else f"{reason}: {attribute}")
        self.reason = reason
        self.attribute = attribute


class CloudEvent(BaseModel):
    """One event with its context attributes. Equal envelopes are equal values; retries keep the id."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: EventId
    source: Text
    type: Text
    time: Timestamp
    subject: Text
    sequence: Sequence10
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Text | None = None
    correlationid: Text | None = None
    causationid: Text | None = None
    traceparent: TraceParent | None = None
    dataclassification: Text
    data: Annotated[bytes, Field(min_length=1, exclude=True)]

    @classmethod
    def wrap(
        cls,
        event: Event,
        *,
        id: UUID,  # noqa: A002 - the CloudEvents attribute
        time: datetime,
        sequence: int,
        correlationid: str | None = None,
        causationid: str | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """Put an event into its envelope. Raises ``pydantic.ValidationError``: naive time, sequence below 1."""
        return cls(
            id=id,
            source=event.said_by,
            type=event.type,
            time=time,
            subject=event.subject,
            sequence=sequence,
            dataschema=event.schema_uri(),
            correlationid=correlationid,
            causationid=causationid,
            traceparent=traceparent,
            dataclassification=classification_of(type(event)).value,
            data=event.model_dump_json().encode(),
        )

    def attributes(self) -> dict[str, str]:
        """All context attributes that are set, as texts."""
        texts = {
            "specversion": self.specversion,
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "time": written_time(self.time),
            "subject": self.subject,
            "sequence": written_sequence(self.sequence),
            "datacontenttype": self.datacontenttype,
            "dataschema": self.dataschema,
            "correlationid": self.correlationid,
            "causationid": self.causationid,
            "traceparent": self.traceparent,
            "dataclassification": self.dataclassification,
        }
        return {name: text for name, text in texts.items() if text is not None}

    def headers(self) -> dict[str, str]:
        """The headers of a Kafka record in binary mode."""
        texts = self.attributes()
        content_type = texts.pop("datacontenttype")
        headers = {_HEADER_PREFIX + name: text for name, text in texts.items()}
        headers[_CONTENT_TYPE_HEADER] = content_type
        return headers

    def to_kafka(self) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Write key, value and headers of a Kafka record in binary mode; the key is the subject."""
        headers = [(name, text.encode()) for name, text in self.headers().items()]
        return self.subject.encode(), self.data, headers

    @classmethod
    def from_kafka(cls, headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> Self:
        """Read a Kafka record in binary mode; unknown headers are ignored. Raises ``InvalidEnvelope``."""
        if not value:
            raise InvalidEnvelope(EnvelopeFault.TOMBSTONE)
        return cls._from_attributes(_attributes_from(headers), value)

    def to_structured(self) -> bytes:
        """Write one self-contained JSON document (``application/cloudevents+json``).

        Raises ``InvalidEnvelope`` when the data, which may come from a foreign record, is no JSON.
        """
        return write_json({**self.attributes(), "data": _json(self.data)})

    @classmethod
    def from_structured(cls, document: bytes) -> Self:
        """Read a structured document; unknown attributes are ignored. Raises ``InvalidEnvelope``."""
        members = _json(document)
        if not isinstance(members, dict):
            raise InvalidEnvelope(EnvelopeFault.NOT_JSON)
        if members.get("data") is None:
            raise InvalidEnvelope(EnvelopeFault.TOMBSTONE)
        given = {name: member for name, member in members.items() if name != "data" and member is not None}
        return cls._from_attributes({"datacontenttype": CONTENT_TYPE, **given}, write_json(members["data"]))

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, JsonValue], data: bytes) -> Self:
        if "specversion" not in attributes:
            raise InvalidEnvelope(EnvelopeFault.MISSING_ATTRIBUTE, "specversion")
        content_type = attributes.get("datacontenttype")
        if content_type is None:
            raise InvalidEnvelope(EnvelopeFault.MISSING_ATTRIBUTE, "datacontenttype")
        try:
            return cls.model_validate({**attributes, "datacontenttype": _media_type(content_type), "data": data})
        except ValidationError as error:
            raise _fault_of(error) from None  # the original would carry the refused input


_KNOWN_HEADERS: Final = {
    _HEADER_PREFIX + name: name for name in CloudEvent.model_fields if name not in {"data", "datacontenttype"}
} | {_CONTENT_TYPE_HEADER: "datacontenttype"}
_FAULTS: Final = {
    "specversion": EnvelopeFault.UNSUPPORTED_SPECVERSION,
    "datacontenttype": EnvelopeFault.UNSUPPORTED_CONTENT_TYPE,
}


def _attributes_from(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, JsonValue]:
    known = [(_KNOWN_HEADERS[header], value) for header, value in headers if header in _KNOWN_HEADERS]
    attributes: dict[str, JsonValue] = {}
    for name, value in known:
        if value is None:
            raise InvalidEnvelope(EnvelopeFault.NULL_HEADER, name)
        if name in attributes:
            raise InvalidEnvelope(EnvelopeFault.DUPLICATE_ATTRIBUTE, name)
        try:
            attributes[name] = value.decode()
        except UnicodeDecodeError:
            raise InvalidEnvelope(EnvelopeFault.NOT_UTF8, name) from None
    return attributes


def _media_type(content_type: JsonValue) -> JsonValue:
    """Drop what says nothing new for JSON: case, spaces and the parameter ``charset=utf-8`` (RFC 8259, section 8.1)."""
    if not isinstance(content_type, str):
        return content_type
    plain = content_type.replace(" ", "").lower()
    return plain.removesuffix(";charset=utf-8")


def _json(document: bytes) -> JsonValue:
    try:
        return read_json(document)
    except NotJson:
        raise InvalidEnvelope(EnvelopeFault.NOT_JSON) from None


def _fault_of(error: ValidationError) -> InvalidEnvelope:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "missing":
        return InvalidEnvelope(EnvelopeFault.MISSING_ATTRIBUTE, name)
    return InvalidEnvelope(_FAULTS.get(name, EnvelopeFault.INVALID_ATTRIBUTE), name)
