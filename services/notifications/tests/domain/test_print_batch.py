"""The letters of a day are closed at the cut-off, and posted on the day the print room says."""

import json
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from kfi_notifications.domain.print_batch import (
    AlreadyAcknowledged,
    AnotherManifest,
    BatchLetter,
    NotClosed,
    PostedOnImpossible,
    PrintBatch,
    day_of_batch,
    is_due,
)

CUT_OFF = time(14)
FRIDAY, MONDAY = date(2026, 4, 10), date(2026, 4, 13)
LETTERS = [BatchLetter(UUID(int=number), f"{number:064x}", 2) for number in (2, 1)]
CLOSED_AT = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)


def closed() -> PrintBatch:
    batch = PrintBatch(UUID(int=9), FRIDAY)
    batch.close(LETTERS, CLOSED_AT)
    return batch


@pytest.mark.parametrize(
    ("today", "now", "day"),
    [
        (FRIDAY, time(13, 59, 59), FRIDAY),
        (FRIDAY, CUT_OFF, MONDAY),
        (date(2026, 4, 11), time(9), MONDAY),
        (date(2026, 4, 2), time(14, 1), date(2026, 4, 7)),
        (date(2026, 12, 24), time(15), date(2026, 12, 28)),
    ],
    ids=["before", "at the cut-off", "Saturday", "Thursday before Easter", "Christmas Eve"],
)
def test_a_letter_joins_the_batch_of_the_day_or_of_the_next_working_day(today: date, now: time, day: date) -> None:
    assert day_of_batch(today, now, CUT_OFF) == day


@pytest.mark.parametrize(
    ("today", "now", "due"),
    [
        (FRIDAY, time(13, 59, 59), False),
        (FRIDAY, CUT_OFF, True),
        (MONDAY, time(0), True),
        (date(2026, 4, 9), time(23), False),
    ],
)
def test_a_batch_is_closed_at_the_cut_off_of_its_day(today: date, now: time, due: bool) -> None:
    assert is_due(PrintBatch(UUID(int=9), FRIDAY), today, now, CUT_OFF) is due


def test_the_manifest_names_each_letter_in_an_order_of_its_own_and_nobody() -> None:
    first, second = (PrintBatch(UUID(int=9), FRIDAY).close(some, CLOSED_AT) for some in (LETTERS, LETTERS[::-1]))
    assert first == second
    named = json.loads(first)
    assert (named["day"], [letter["pages"] for letter in named["letters"]]) == ("2026-04-10", [2, 2])
    assert set(named["letters"][0]) == {"file", "notification_id", "pages", "sha256"}


def test_the_print_room_says_once_when_what_it_printed_was_posted() -> None:
    batch = closed()
    assert batch.manifest_sha256 is not None
    batch.acknowledge(batch.manifest_sha256, MONDAY, today=MONDAY)
    assert batch.posted_on == MONDAY
    with pytest.raises(AlreadyAcknowledged):
        batch.acknowledge(batch.manifest_sha256, MONDAY, today=MONDAY)


def test_another_manifest_an_open_batch_and_a_day_that_cannot_be_are_refused() -> None:
    batch = closed()
    manifest = str(batch.manifest_sha256)
    with pytest.raises(AnotherManifest):
        batch.acknowledge("0" * 64, MONDAY, today=MONDAY)
    for day in (date(2026, 4, 9), date(2026, 4, 14)):
        with pytest.raises(PostedOnImpossible):
            batch.acknowledge(manifest, day, today=MONDAY)
    with pytest.raises(NotClosed):
        PrintBatch(UUID(int=9), FRIDAY).acknowledge(manifest, FRIDAY, today=FRIDAY)
