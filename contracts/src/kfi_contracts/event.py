"""What an event is: a frozen statement of something that happened, published once and never taken back."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict


class Published(BaseModel):
    """A strict, immutable value of the published language; events and the values inside them derive from it.

    Producers cannot add unknown fields or rely on conversions. Refusals do not print the refused input.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Event(Published):
    """Something that happened to one aggregate. Subclasses name it in the past tense and fill the class variables."""

    type: ClassVar[str]
    """CloudEvents ``type``, reverse DNS, past tense, with its major version: ``de.nrw.kfi.<service>.<what>.v1``."""
    topic: ClassVar[str]
    """The Kafka topic of the aggregate's stream."""
    source: ClassVar[str]
    """CloudEvents ``source``: the service that says so."""
    subject_field: ClassVar[str]
    """Name of the field that holds the aggregate's id, which is the CloudEvents ``subject`` and the Kafka key."""
    revision: ClassVar[int] = 1
    """Counts the compatible changes of the schema within its major version; each is frozen in ``schemas/``."""

    @property
    def subject(self) -> str:
        """The aggregate's id: events of one subject are read in the order in which they happened."""
        return str(getattr(self, self.subject_field))

    @classmethod
    def sources(cls) -> tuple[str, ...]:
        """Every service that may say so: the one of `source`, and more for the few events that several say."""
        return (cls.source,)

    @property
    def said_by(self) -> str:
        """CloudEvents ``source`` of this very event: one of `sources`."""
        return type(self).source

    @classmethod
    def short_type(cls) -> str:
        """The type without its reverse domain: ``applications.decision-made.v1``."""
        return cls.type.removeprefix("de.nrw.kfi.")

    @classmethod
    def schema_uri(cls) -> str:
        """CloudEvents ``dataschema``: the exact revision this class writes."""
        return f"urn:kfi:schema:{cls.short_type()}:{cls.revision}"

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read an event as a tolerant reader: fields unknown here are ignored, at every depth.

        Raises ``pydantic.ValidationError`` when data is no JSON, a field is missing or malformed, or an enumeration
        holds an unknown value: what is not understood is refused, never guessed.
        """
        return cls.model_validate_json(data, extra="ignore")
