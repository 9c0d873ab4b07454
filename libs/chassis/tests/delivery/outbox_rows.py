"""What the tests of the outbox look for in its table and in a topic."""

from collections import defaultdict
from typing import Any

from kfi_chassis.testkit.events import Happened

UNPUBLISHED = "SELECT count(*) FROM outbox_due"


def numbers_by_subject(records: Any) -> dict[Any, list[int]]:
    """The first copies per key, in the order of the topic; later copies of the same id are left out."""
    seen: set[bytes] = set()
    numbers: dict[Any, list[int]] = defaultdict(list)
    for record in records:
        event_id = dict(record.headers)["ce_id"]
        if event_id not in seen:
            seen.add(event_id)
            event = Happened.read(record.value)
            numbers[event.subject_id].append(event.number)
    return numbers
