"""Events as the services write them, and what may go wrong with one on its way."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kfi_chassis.sealing import Sealer
from kfi_contracts.addressees import Addressee
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.letters import LetterContent, MessageWaitsFacts, content_bytes, content_digest
from kfi_contracts.notifications import Channel, FailureReason, LegalEffect, NotificationFailed, NotificationOrdered
from kfi_stack.running_platform import Platform

from .bus import Sent


@dataclass(frozen=True)
class Writable:
    """An event with the id of its envelope, as a record that can still be changed."""

    event: Event
    id: str
    record: Sent

    @classmethod
    def of(cls, event: Event, *, sequence: int = 1) -> "Writable":
        """The record of the event, under a new id."""
        envelope = CloudEvent.wrap(event, id=uuid4(), time=datetime.now(UTC), sequence=sequence)
        key, value, headers = envelope.to_kafka()
        return cls(event, str(envelope.id), Sent(value, headers, key))

    def with_header(self, name: str, value: bytes | None) -> Sent:
        """The record with one header changed or added."""
        return self.record.with_header(name, value)

    def with_field(self, name: str, value: Any) -> Sent:
        """The record with one field of its data changed."""
        return replace(self.record, value=json.dumps(json.loads(self.record.value or b"{}") | {name: value}).encode())

    def with_subject(self, value: Any) -> Sent:
        """The record with another value of the field that names what the event is about; every event has one."""
        return self.with_field(self.event.subject_field, value)


def email_order(platform: Platform, to: str) -> NotificationOrdered:
    """A sound order of the e-mail that says that a message waits, sealed for the platform's notifications service."""
    where = Addressee(
        organisation="Verein", attention=None, street="Weg", house_number="1", postcode="59821", city="Arnsberg",
        ags="05958004", email=to,
    )  # fmt: skip
    facts = MessageWaitsFacts()
    content = content_bytes(
        LetterContent(
            template=facts.kind,
            template_version=1,
            language="de",
            addressee=where,
            reference="36-2026-0000",
            facts=facts,
        )
    )
    sealer = Sealer(json.loads((platform.folder / "keys" / "seal-orders.json").read_text("utf-8")))
    notification_id = uuid4()
    return NotificationOrdered(
        notification_id=notification_id, ordered_by="applications", concerns=uuid4(), channel=Channel.EMAIL,
        legal_effect=LegalEffect.NONE, template=facts.kind, template_version=1, language="de",
        content_digest=content_digest(content), content=sealer.seal(content, bound_to=str(notification_id)),
    )  # fmt: skip


def failure(*, ordered_by: str = "somebody-else", **fields: Any) -> NotificationFailed:
    """What notifications tells when a letter or e-mail did not get out; by default of an order of somebody else."""
    told: dict[str, Any] = {"notification_id": uuid4(), "concerns": uuid4(), "channel": Channel.EMAIL, "final": True}
    return NotificationFailed(ordered_by=ordered_by, **(told | {"reason": FailureReason.CHANNEL_REFUSED} | fields))


KINDS: dict[str, tuple[Any, str]] = {
    "no JSON": (lambda good: replace(good.record, value=b"{not json"), "parked"),
    "no UTF-8 in its data": (lambda good: replace(good.record, value=b'{"ordered_by": "\xff"}'), "parked"),
    "a tombstone": (lambda good: replace(good.record, value=None), "parked tombstone"),
    "a tombstone without headers": (lambda good: replace(good.record, value=None, headers=()), "parked tombstone"),
    "without an envelope": (lambda good: replace(good.record, headers=()), "parked missing_attribute"),
    "a header that is null": (lambda good: good.with_header("ce_source", None), "parked null_header"),
    "a type that is null": (lambda good: good.with_header("ce_type", None), "parked null_header"),
    "a header that is no UTF-8": (lambda good: good.with_header("ce_source", b"\xff"), "parked not_utf8"),
    "an id that is none": (lambda good: good.with_header("ce_id", b"none"), "parked invalid_attribute"),
    "another envelope": (lambda good: good.with_header("ce_specversion", b"2.0"), "parked unsupported_specversion"),
    "too long for its field": (lambda good: good.with_subject("x" * 950_000), "parked"),
    "a field too few": (lambda good: good.with_subject(None), "parked invalid_data"),
    "of a version to come": (lambda good: good.with_header("ce_type", f"{good.event.type[:-1]}2".encode()), "skipped"),
    "of a type nobody knows": (lambda good: good.with_header("ce_type", b"de.nrw.kfi.unheard-of.v1"), "skipped"),
    "a field nobody knows": (lambda good: good.with_field("weather", "fine"), "handled"),
    "a foreign header that is no UTF-8": (lambda good: good.with_header("trace", b"\xff"), "handled"),
    "a foreign header that is null": (lambda good: good.with_header("trace", None), "handled"),
}
"""What a record can be besides sound, made from a sound one, and how it must end: `parked` with its reason."""
