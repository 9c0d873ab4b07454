"""An event without a domain, on a topic of the test's own."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from kfi_contracts.classification import Internal
from kfi_contracts.event import Event


class Mood(StrEnum):
    """An enumeration that a newer producer may have widened."""

    GOOD = "good"
    BAD = "bad"


class Happened(Event):
    """Something happened to a subject."""

    type: ClassVar[str] = "de.nrw.kfi.testkit.happened.v1"
    topic: ClassVar[str] = "testkit"
    source: ClassVar[str] = "/kfi/testkit"
    subject_field: ClassVar[str] = "subject_id"

    subject_id: Annotated[UUID, Internal("what it happened to")]
    number: Annotated[int, Internal("a payload")] = 0
    mood: Annotated[Mood, Internal("a code")] = Mood.GOOD
    text: Annotated[str, Internal("for size")] = ""


def happened_on(topic: str, *, kind: str = "happened") -> type[Happened]:
    """The event as a test publishes it: on that topic, as `de.nrw.kfi.testkit.<kind>.v1`."""
    return type(f"Happened{kind.title()}", (Happened,), {"topic": topic, "type": f"de.nrw.kfi.testkit.{kind}.v1"})
