"""Handlers and records for the guard's tests."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.testkit.delivery import records_of
from kfi_chassis.testkit.events import Happened


def noting(consumer: Consumer, event: type[Happened], *, hold_key: bool = False) -> None:
    """A handler that notes its event; negative numbers break a rule."""

    @consumer.on(event, hold_key=hold_key)
    async def note(happened: Happened, work: Any) -> None:
        if happened.number < 0:
            raise Unprocessable("negative_number")
        await work.note(happened)


def some(event: type[Happened], numbers: Sequence[int], subject: UUID | None = None) -> list[Any]:
    subject = subject or uuid4()
    return records_of([event(subject_id=subject, number=number) for number in numbers])
